"""Undoing a transaction, whole or in parts, and sending points to somebody else."""

from dataclasses import dataclass, replace

from core.ledger.codes import JournalKind as Kind
from core.ledger.codes import RefusalCode as Code
from core.ledger.commands import Reverse, Send
from tests.core.ledger.model.points import come_again, take
from tests.core.ledger.model.things import Deed, Holder, Lot, No, Piece

UNDOES = {
    Kind.EARN: Kind.REVERSE_EARN,
    Kind.REDEEM: Kind.REVERSE_REDEEM,
    Kind.CAPTURE: Kind.REVERSE_REDEEM,
    Kind.ADJUST: Kind.REVERSE_ADJUST,
    Kind.EXCHANGE: Kind.REVERSE_EXCHANGE,
    Kind.TRANSFER_IN: Kind.TRANSFER_BACK,
}


@dataclass
class Parcel:
    """Points on their way, each with the lot it was in; `to` None is for anybody."""

    content: list[tuple[Lot, int]]
    to: int | None = None


def send(me: Holder, asked: Send) -> Parcel:
    if not me.rules_of(asked.currency_id).can_be_sent:
        raise No(Code.NOT_TRANSFERABLE, currency=asked.currency_id)
    pieces = take(me, asked.currency_id, asked.amount)
    return _pack(me, pieces, None)


def receive(me: Holder, deed: Deed, sender: int, parcel: Parcel | None) -> None:
    """Take points in; what one sent oneself comes back even to who is frozen."""
    if parcel is None:
        raise No(Code.NOT_REVERSIBLE, kind="NOT_SENT")
    if parcel.to not in {None, me.id}:
        raise No(Code.NOT_REVERSIBLE, kind="NOT_RECEIVED")
    me.must_take_part(even_frozen=parcel.to == me.id)
    for lot, amount in parcel.content:
        new = come_again(me, deed, amount, lot, sender, lot.ends)
        deed.gave.append(Piece(new.number, amount))


def _pack(me: Holder, pieces: list[Piece], to: int | None) -> Parcel:
    content = [(replace(me.lots[one.lot]), one.amount) for one in pieces]
    return Parcel(content, to)


def undo(me: Holder, clock: int, asked: Reverse) -> tuple[Deed, Parcel | None]:
    """Undo a deed: take back what it gave, and give back what it took."""
    if not 1 <= asked.seq <= len(me.deeds):
        raise No(Code.TRANSACTION_UNKNOWN)
    target = me.deeds[asked.seq - 1]
    if target.kind not in UNDOES:
        raise No(Code.NOT_REVERSIBLE, kind=target.kind.name)
    deed = me.begin(UNDOES[target.kind], clock)
    _check_amount(me, target, asked.amount)
    taken_back = _cut(target.gave, asked.amount)
    given_back = _cut(target.took, asked.amount)
    for piece in taken_back:
        _claw_back(me, me.lots[piece.lot], piece.amount)
        if target.kind is Kind.EARN:
            deed.issued[me.lots[piece.lot].currency] -= piece.amount
    for piece in given_back:
        lot = me.lots[piece.lot]
        grace = asked.grace_us
        if grace is None:
            grace = lot.promise("grace_us", 0)
        ends = max(lot.ends, deed.at + grace)
        come_again(me, deed, piece.amount, lot, me.id, ends)
    if deed.kind is not Kind.TRANSFER_BACK:
        return deed, None
    sender, _ = me.lots[taken_back[0].lot].parent
    return deed, _pack(me, taken_back, sender)


def _check_amount(me: Holder, target: Deed, amount: int | None) -> None:
    pieces = target.gave + target.took
    if not pieces:
        raise No(Code.NOT_REVERSIBLE, kind="REVERSED")
    if amount is None:
        return
    if len({me.lots[piece.lot].currency for piece in pieces}) > 1:
        raise No(Code.NOT_REVERSIBLE, kind="SEVERAL_CURRENCIES")
    left = sum(piece.amount for piece in pieces)
    if amount > left:
        raise No(Code.EXCEEDS_ORIGINAL, required=amount, available=left)


def _cut(pieces: list[Piece], amount: int | None) -> list[Piece]:
    """Take pieces of so much, or all of them, off the front of a list."""
    cut = []
    wanted = sum(one.amount for one in pieces) if amount is None else amount
    while pieces and wanted:
        first = pieces[0]
        part = min(first.amount, wanted)
        wanted -= part
        first.amount -= part
        cut.append(Piece(first.lot, part))
        if not first.amount:
            pieces.pop(0)
    return cut


def _claw_back(me: Holder, own: Lot, amount: int) -> None:
    """Take points of a lot back; what is set aside stays where it is.

    For points that ran out unspent nothing is taken; only what was spent is owed.
    """
    part = min(own.pending, amount)
    own.pending -= part
    amount -= part
    amount -= _take_free(own, amount)
    part = min(own.expired - own.forgotten, amount)
    own.forgotten += part
    amount -= part
    policy = own.promise("clawback", "other_lots")
    if policy in {"other_lots", "capped"}:
        for lot in me.lots_of(own.currency):
            amount -= _take_free(lot, amount)
    debt = me.debts[own.currency]
    if policy == "forgive":
        amount = 0
    elif policy == "capped":
        amount = min(amount, max(0, own.promise("debt_limit", 0) - debt))
    me.owe(own.currency, amount)


def _take_free(lot: Lot, amount: int) -> int:
    part = min(lot.free, amount)
    lot.free -= part
    return part
