"""Persisted documents: which document a request means, and who may send another.

Documents come from the manifest alone; nothing that a client sends is remembered.
"""

from typing import Any

from core.actors import Actor
from core.settings import Settings
from gateway.codes import Code
from gateway.errors import coded
from gateway.execution import Operation, RequestRefusedError
from gateway.manifest import Manifest, sha256_of

_EVERYBODY = "*"
_ROLE = "role:"


class Persisted:
    """The documents of a manifest, and the rule for clients that are held to them."""

    def __init__(self, manifest: Manifest, settings: Settings) -> None:
        self.manifest = manifest
        self._by_hash = {sha256_of(text): text for text in manifest.values()}
        self._documents = frozenset(manifest.values())
        listed = (one.strip() for one in settings.trusted_only.split(","))
        self._held = frozenset(one for one in listed if one)

    def document(self, operation: Operation, actor: Actor) -> str:
        """Return the text of the document that *operation* means.

        Raises:
            RequestRefusedError: it means none that is known, or none that the caller
                may run.
        """
        text = operation.query or ""
        if operation.document_id is not None:
            if text:
                raise _refused(
                    "send documentId or query, not both", Code.BAD_USER_INPUT
                )
            return self._find(operation.document_id)
        digest = _hash(operation)
        if digest is not None and not text:
            return self._find(digest)
        if digest is not None and sha256_of(text) != digest:
            reason = "extensions.persistedQuery.sha256Hash: is not that of the query"
            raise _refused(reason, Code.BAD_USER_INPUT)
        if not text.strip():
            raise _refused("query: must be a text with a document", Code.BAD_USER_INPUT)
        if text not in self._documents and self._is_held(actor):
            reason = "this client may run persisted documents only"
            raise _refused(reason, Code.PERSISTED_QUERY_REQUIRED)
        return text

    def _find(self, name: str) -> str:
        text = self.manifest.get(name, self._by_hash.get(name.lower()))
        if text is None:
            # Apollo Client knows this text, and sends the query after it.
            raise _refused("PersistedQueryNotFound", Code.PERSISTED_QUERY_NOT_FOUND)
        return text

    def _is_held(self, actor: Actor) -> bool:
        named = {_EVERYBODY, actor.client_id, f"{_ROLE}{actor.role.value}"}
        return not named.isdisjoint(self._held)


def _hash(operation: Operation) -> str | None:
    """Return the hash that Apollo's protocol names a document by, if it is used."""
    asked: Any = (operation.extensions or {}).get("persistedQuery")
    if asked is None:
        return None
    if not isinstance(asked, dict) or asked.get("version") != 1:
        reason = "extensions.persistedQuery: must be an object of version 1"
        raise _refused(reason, Code.BAD_USER_INPUT)
    digest = asked.get("sha256Hash")
    if not isinstance(digest, str):
        reason = "extensions.persistedQuery.sha256Hash: must be a text"
        raise _refused(reason, Code.BAD_USER_INPUT)
    return digest.lower()


def _refused(reason: str, code: str) -> RequestRefusedError:
    return RequestRefusedError([coded(reason, code)])
