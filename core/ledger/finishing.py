"""Closing a transaction: from a draft to the change that is written."""

from collections.abc import Mapping

from core.ledger import chain, terms
from core.ledger.change import Change, Header, compact
from core.ledger.codes import NEVER_US
from core.ledger.draft import Draft
from core.ledger.state import NOTHING, Entry, Wallet


def finish(draft: Draft, header: Header) -> Change:
    """Close the transaction and link it to the chain."""
    source, external_id = header.reference or (None, None)
    effective_us = header.effective_us
    entry = Entry(
        program_id=draft.state.program_id,
        holder_id=draft.state.holder_id,
        seq=draft.seq,
        kind=header.kind,
        key=header.key,
        fingerprint=header.fingerprint,
        at_us=draft.now_us,
        effective_us=draft.now_us if effective_us is None else effective_us,
        ref_seq=header.ref_seq,
        corr_id=header.corr_id,
        source=source,
        external_id=external_id,
        balances=balances(draft.state.wallets, draft.wallets),
        terms=_terms(draft),
        meta=compact(dict(header.meta or {}) | draft.meta),
        hash=b"",
        lines=tuple(draft.lines),
    )
    return Change(
        entry=entry.sealed(chain.link(draft.state.last_hash, entry)),
        wallets=draft.wallets,
        lots=draft.lots,
        holds=draft.holds,
        allocations=draft.allocations,
        counters={
            key: value for key, value in draft.counters.items() if draft.counted[key]
        },
        status=draft.status,
        next_due_us=_next_due(draft),
    )


def balances(before: Mapping[int, Wallet], touched: Mapping[int, Wallet]) -> str:
    """List the wallets touched, in the form that `Entry` describes."""
    rows = []
    for currency_id, now in sorted(touched.items()):
        was = before.get(currency_id, NOTHING)
        rows.append(
            f"[{currency_id},{now.available},{now.pending},{now.held},{now.debt},"
            f"{now.available - was.available},{now.pending - was.pending},"
            f"{now.held - was.held},{now.debt - was.debt}]"
        )
    return f"[{','.join(rows)}]"


def _terms(draft: Draft) -> str:
    is_new_status = draft.status is not draft.state.status
    counted = [(*key, by) for key, by in sorted(draft.counted.items()) if by]
    return terms.write(
        terms.Terms(
            lots=tuple(draft.lots[lot_id] for lot_id in draft.made),
            hold_expires_at_us=draft.hold_expires_at_us,
            kind=draft.kind,
            status=draft.status if is_new_status else None,
            counted=tuple(counted),
        ),
        draft.now_us,
    )


def _next_due(draft: Draft) -> int | None:
    """Return when time next changes something; early is fine, late never."""
    dues = [lot.due_us for lot in draft.lots.values()]
    dues += [hold.due_us for hold in draft.holds.values()]
    dues.append(NEVER_US if (n := draft.state.next_due_us) is None else n)
    soonest = min(dues)
    return None if soonest == NEVER_US else soonest
