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

from core.ledger.state import Entry, Line

_VERSION = 1
_GENESIS = b"guerdon ledger 1"


def genesis(program_id: int, holder_id: int) -> bytes:
    """Return what stands before a holder's first row."""
    return hashlib.sha256(b"%b%d,%d," % (_GENESIS, program_id, holder_id)).digest()


def link(previous: bytes, entry: Entry) -> bytes:
    """Return the hash of *entry* after a row with hash *previous*."""
    return hashlib.sha256(previous + canonical(entry)).digest()


def canonical(entry: Entry) -> bytes:
    """Return the bytes that are hashed; `entry.hash` is not among them."""
    e = entry
    return b"".join(
        (
            f"{_VERSION},{e.program_id},{e.holder_id},{e.seq},{e.kind:d},".encode(),
            _text(e.key),
            b"%d:%b," % (len(e.fingerprint), e.fingerprint),
            f"{e.at_us},{e.effective_us},{_number(e.ref_seq)},".encode(),
            _text(e.corr_id),
            _text(e.source),
            _text(e.external_id),
            _text(e.balances),
            _text(e.terms),
            _text(e.meta),
            b"%d," % len(e.lines),
            *(_line(line) for line in e.lines),
        )
    )


def _line(line: Line) -> bytes:
    number, currency_id, amount, src, src_lot, dst, dst_lot, *origin = line
    sys_ref, order_line, order_unit = origin
    return (
        f"{number},{currency_id},{amount},{src:d},{_number(src_lot)},"
        f"{dst:d},{_number(dst_lot)},"
        f"{_number(sys_ref)},{_number(order_line)},{_number(order_unit)},"
    ).encode()


def _number(value: int | None) -> int | str:
    return "-" if value is None else value


def _text(value: str | None) -> bytes:
    if value is None:
        return b"-,"
    data = value.encode()
    return b"%d:%b," % (len(data), data)
