"""Settings: one frozen dataclass, read from `GUERDON_*` variables.

A field is a setting; its default and its help are given where it stands. A variable
that names no setting is an error, so a misspelled one cannot be ignored silently.
Variables of plugins are read with the plugins, and misspelled ones refused there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from core.errors import ConfigurationError

PREFIX = "GUERDON_"
PLUGIN_PREFIX = "GUERDON_PLUGIN_"


def _setting(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process."""

    database_url: str = _setting(
        "sqlite:///guerdon.db", "sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
    host: str = _setting("127.0.0.1", "address that the gateway listens on")
    port: int = _setting(8000, "port that the gateway listens on")
    max_body_bytes: int = _setting(262_144, "largest request body and message")
    max_depth: int = _setting(12, "deepest nesting of an operation")
    max_aliases: int = _setting(30, "most aliases in an operation")
    max_fields: int = _setting(400, "most fields after fragments are expanded")
    max_page_size: int = _setting(100, "most items in a page")
    max_operations: int = _setting(5, "most operations in a document")
    max_socket_operations: int = _setting(50, "most operations of one socket at once")
    plugin_deadline_ms: int = _setting(5_000, "longest answer of a plugin")
    plugin_calls: int = _setting(16, "most calls of one plugin at once")
    plugin_faults: int = _setting(5, "faults in a row until a plugin is left alone")
    plugin_pause_ms: int = _setting(
        15_000, "how long it is left alone at first, before one call tries it again"
    )
    quote_valid_ms: int = _setting(900_000, "how long a quote can be redeemed")
    recovery_interval_ms: int = _setting(
        1_000, "pause between looks for unfinished redemptions; 0 switches them off"
    )
    sweep_interval_ms: int = _setting(
        1_000, "pause between looks for points that are due; 0 switches them off"
    )
    ledger_lanes: int = _setting(4, "connections that post at once (PostgreSQL)")
    ledger_queue: int = _setting(10_000, "commands that may wait before BUSY")
    ledger_wait_ms: int = _setting(5_000, "longest wait of a command before BUSY")
    read_connections: int = _setting(8, "connections for reads (PostgreSQL)")
    max_document_bytes: int = _setting(50_000, "largest document")
    max_tokens: int = _setting(2_000, "most tokens in a document")
    max_fragments: int = _setting(50, "most fragments in a document")
    max_root_fields: int = _setting(20, "most root fields of an operation")
    max_directives: int = _setting(20, "most directives in an operation")
    max_repeats: int = _setting(20, "most fields under one name in a selection")
    max_input_depth: int = _setting(16, "deepest nesting of an input value")
    max_input_items: int = _setting(10_000, "most items of a list in an input value")
    max_cost: int = _setting(2_000, "highest cost of an operation")
    rate_burst: int = _setting(20_000, "cost that a caller may spend at once; 0: any")
    rate_per_second: int = _setting(1_000, "cost that a caller gets back in a second")
    system_rate_burst: int = _setting(400_000, "the same for integrators; 0: any")
    system_rate_per_second: int = _setting(40_000, "the same for integrators")
    attempt_burst: int = _setting(
        100, "failed authentications of an address at once; 0: any number"
    )
    attempts_per_minute: int = _setting(60, "how many it gets back in a minute")
    shared_rates: int = _setting(
        0, "1: all processes of a PostgreSQL database share what callers may spend"
    )
    operation_timeout_ms: int = _setting(10_000, "longest query or mutation; 0: any")
    read_timeout_ms: int = _setting(
        10_000, "longest statement that reads (PostgreSQL); 0: any"
    )
    max_caller_operations: int = _setting(500, "most operations of a caller at once")
    max_caller_sockets: int = _setting(10, "most sockets of a caller at once")
    max_socket_messages: int = _setting(100, "most messages of a socket in a window")
    socket_window_ms: int = _setting(10_000, "length of that window")
    cached_documents: int = _setting(512, "documents that are remembered")
    cached_document_bytes: int = _setting(4_000_000, "their length, all together")
    documents: str = _setting("", "files of persisted documents, commas between them")
    trusted_only: str = _setting(
        "", "who may run persisted documents only: clients, `role:member` …, or `*`"
    )

    stream_heartbeat_ms: int = _setting(
        12_000, "silence on an HTTP stream after which a sign of life is sent"
    )
    allowed_origins: str = _setting(
        "", "origins whose pages may connect, such as `https://shop.example`, by comma"
    )

    max_head_bytes: int = _setting(32_768, "longest head of a request: URL and headers")
    receive_timeout_ms: int = _setting(
        10_000, "longest time that the head, and then the body, of a request may take"
    )
    trusted_proxies: str = _setting(
        "", "addresses and networks of proxies whose `X-` headers count, by comma"
    )
    hsts_seconds: int = _setting(
        0, "how long browsers keep to TLS, once they came by it; 0: not told"
    )
    graphiql: int = _setting(0, "1: serve GraphiQL at `/graphiql`")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")
    log_format: str = _setting("auto", "json, text, or auto: text on a terminal")
    metrics_port: int = _setting(0, "port of `/metrics`; 0: they are not served")
    metrics_host: str = _setting("127.0.0.1", "address of that port")
    traces: int = _setting(0, "1: send traces by OTLP, as `OTEL_` variables say")
    drain_ms: int = _setting(
        0, "how long after SIGTERM requests are taken, while `/readyz` says 503"
    )
    shutdown_ms: int = _setting(20_000, "longest end after that; then it is cut short")

    oidc_issuer: str = _setting(
        "", "OpenID issuer whose tokens are taken; none, if empty"
    )
    oidc_audience: str = _setting("", "audience that they must be for")
    oidc_jwks_url: str = _setting(
        "", "where the issuer's keys are; its discovery document tells, if empty"
    )
    oidc_algorithms: str = _setting(
        "RS256,ES256", "signatures that are taken, by comma"
    )
    oidc_leeway_s: int = _setting(30, "how far the issuer's clock may be off")
    oidc_program: str = _setting(
        "", "code of the program that they are for; needed where there are several"
    )
    oidc_role_claim: str = _setting(
        "", "claim that holds the role, such as `realm_access.roles`"
    )
    oidc_roles: str = _setting(
        "", "what the issuer calls roles: `cashier=store,…`; as they are, if empty"
    )
    oidc_default_role: str = _setting("member", "role where the claim tells none")
    oidc_scope_claim: str = _setting(
        "", "claim whose scopes are the only ones granted; all of the role, if empty"
    )
    messages: str = _setting(
        "", "folder with catalogs of messages for members, such as `pt.ftl`"
    )

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the allowed origins, apart."""
        named = (one.strip() for one in self.allowed_origins.split(","))
        return tuple(one for one in named if one)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            ConfigurationError: a variable names no setting or has a wrong value.
        """
        known = {PREFIX + one.name.upper(): one for one in fields(cls)}
        values: dict[str, Any] = {}
        for variable, text in environment.items():
            if not variable.startswith(PREFIX):
                continue
            if variable not in known:
                if variable.startswith(PLUGIN_PREFIX):
                    continue
                raise ConfigurationError(
                    f"{variable} is not a setting; there are {', '.join(sorted(known))}"
                )
            setting = known[variable]
            values[setting.name] = _read(variable, text, type(setting.default))
        return cls(**values)


def _read(variable: str, text: str, kind: type) -> Any:
    if kind is not int:
        return text
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise ConfigurationError(f"{variable} must be a whole number, not {text!r}")
    return number
