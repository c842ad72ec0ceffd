"""The chain of hashes that makes a holder's journal tamper-evident.

`hash = sha256(hash of the row before || canonical row)`; the first row follows the
holder's genesis value. The canonical row, version 1, is a list of fields, each ended by
a comma: an integer in decimal, an absent value as `-`, a text or bytes as its length in
bytes, a colon and itself. Order: version, program, holder, seq, kind, key, fingerprint,
at, effective, ref_seq, corr_id, source, external_id, balances, terms, meta, number
of postings; then of each posting: line, currency, amount, src, src_lot, dst, dst_lot,
sys_ref, order_line, order_unit. Neither may ever change: a new form is a new version.
"""

import hashlib

from core.ledger.state import Entry

_VERSION = 1
_GENESIS = b"guerdon ledger 1"


def genesis(program_id: int, holder_id: int) -> bytes:
    """Return what stands before a holder's first row."""
    return hashlib.sha256(_GENESIS + _encode(program_id, holder_id)).digest()


def link(previous: bytes, entry: Entry) -> bytes:
    """Return the hash of *entry* after a row with hash *previous*."""
    return hashlib.sha256(previous + canonical(entry)).digest()


def canonical(entry: Entry) -> bytes:
    """Return the bytes that are hashed; `entry.hash` is not among them."""
    fields: list[int | str | bytes | None] = [
        _VERSION,
        entry.program_id,
        entry.holder_id,
        entry.seq,
        int(entry.kind),
        entry.key,
        entry.fingerprint,
        entry.at_us,
        entry.effective_us,
        entry.ref_seq,
        entry.corr_id,
        entry.source,
        entry.external_id,
        entry.balances,
        entry.terms,
        entry.meta,
        len(entry.lines),
    ]
    for line in entry.lines:
        fields += (
            line.line,
            line.currency_id,
            line.amount,
            int(line.src),
            line.src_lot,
            int(line.dst),
            line.dst_lot,
            line.sys_ref,
            line.order_line,
            line.order_unit,
        )
    return _encode(*fields)


def _encode(*fields: int | str | bytes | None) -> bytes:
    parts = bytearray()
    for field in fields:
        if field is None:
            parts += b"-,"
        elif isinstance(field, int):
            parts += b"%d," % field
        else:
            data = field.encode() if isinstance(field, str) else field
            parts += b"%d:%b," % (len(data), data)
    return bytes(parts)
