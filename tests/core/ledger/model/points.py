"""Giving points, taking them, setting them aside."""

from core.ledger.codes import NEVER_US, STOCK_UNIT, HolderKind, JournalKind
from core.ledger.codes import RefusalCode as Code
from core.ledger.commands import (
    Adjust,
    Approve,
    Authorize,
    Award,
    Capture,
    Exchange,
    Extend,
    Redeem,
    Void,
)
from tests.core.ledger.model.things import Deed, Hold, Holder, Lot, No, Piece, Share


def earn(me: Holder, deed: Deed, awards: list[Award]) -> None:
    for award in awards:
        me.rules_of(award.currency_id)
        _give(me, deed, award)
        deed.issued[award.currency_id] += award.amount


def _give(me: Holder, deed: Deed, award: Award) -> None:
    begins = deed.at if award.available_at_us is None else award.available_at_us
    lot = Lot(
        award.currency_id, award.amount, begins, award.expires_at_us, award.policy
    )
    if begins > deed.at:
        lot.pending = award.amount
    else:
        lot.free = award.amount
    me.add(deed, lot)
    deed.gave.append(Piece(lot.number, award.amount))
    me.repay(lot)


def approve(me: Holder, deed: Deed, asked: Approve) -> None:
    """Let what an earning gave to wait for this ripen, now or a while after it."""
    if not 1 <= asked.seq <= len(me.deeds):
        raise No(Code.TRANSACTION_UNKNOWN)
    waiting = [
        lot
        for lot in me.lots.values()
        if lot.number // 1024 == asked.seq and lot.pending and lot.begins == NEVER_US
    ]
    if not waiting or me.deeds[asked.seq - 1].kind is not JournalKind.EARN:
        raise No(Code.NOT_WAITING)
    for lot in waiting:
        pause, life = lot.promise("wait_us", 0), lot.promise("valid_us", 0)
        lot.begins = deed.at + pause
        lot.ends = lot.begins + life if life else NEVER_US
        if not pause:
            lot.free, lot.pending = lot.pending, 0
            me.repay(lot)


def take(me: Holder, currency: int, amount: int) -> list[Piece]:
    """Take free points, those that end first first, and leave the floor."""
    spendable = max(0, me.free(currency) - me.rules_of(currency).floor)
    if amount > spendable:
        raise No(Code.INSUFFICIENT_POINTS, required=amount, available=spendable)
    pieces = []
    for lot in me.lots_of(currency):
        part = min(lot.free, amount)
        if part:
            lot.free -= part
            amount -= part
            pieces.append(Piece(lot.number, part))
    return pieces


def draw(me: Holder, deed: Deed, amount: int) -> None:
    """Take from a budget what an earning gave of it."""
    deed.took = take(me, STOCK_UNIT, amount)[::-1]


def redeem(me: Holder, deed: Deed, asked: Redeem) -> None:
    _must_be_spendable(me, asked.currency_id)
    deed.took = take(me, asked.currency_id, asked.amount)[::-1]


def adjust(me: Holder, deed: Deed, asked: Adjust) -> None:
    me.rules_of(asked.currency_id)
    if asked.amount < 0:
        deed.took = take(me, asked.currency_id, -asked.amount)[::-1]
        return
    lot = Lot(asked.currency_id, asked.amount, deed.at, asked.expires_at_us)
    lot.free = asked.amount
    deed.gave.append(Piece(me.add(deed, lot).number, asked.amount))


def exchange(me: Holder, deed: Deed, asked: Exchange) -> None:
    """Give as many whole units as the points buy; none must buy nothing at all.

    What is too little for another unit is taken too. Of the lot in which that rest
    begins, the rest comes back as a lot of its own, should the exchange be undone.
    """
    _must_be_spendable(me, asked.currency_id)
    me.rules_of(asked.into)
    bought = asked.amount * asked.gives // asked.takes
    if bought == 0:
        smallest = next_whole(asked.takes, asked.gives)
        raise No(Code.AMOUNT_TOO_SMALL, required=smallest)
    paid = next_whole(bought * asked.takes, asked.gives)
    for piece in take(me, asked.currency_id, asked.amount):
        part = min(piece.amount, paid)
        paid -= part
        for amount in (part, piece.amount - part):
            if amount:
                deed.took.insert(0, Piece(piece.lot, amount))
    lot = Lot(asked.into, bought, deed.at, asked.expires_at_us, asked.policy)
    lot.free = bought
    deed.gave.append(Piece(me.add(deed, lot).number, bought))


def next_whole(amount: int, parts: int) -> int:
    """Divide, and round up."""
    whole, rest = divmod(amount, parts)
    return whole + 1 if rest else whole


def authorize(me: Holder, deed: Deed, asked: Authorize) -> None:
    _must_be_spendable(me, asked.currency_id)
    if asked.expires_at_us is not None and asked.expires_at_us <= deed.at:
        raise No(Code.EXPIRY_NOT_LATER)
    try:
        pieces = take(me, asked.currency_id, asked.amount)
    except No as no:
        if asked.expect:
            raise No(Code.QUOTE_STALE, required=asked.amount) from None
        if me.kind is HolderKind.STOCK and no.code is Code.INSUFFICIENT_POINTS:
            raise No(Code.OUT_OF_STOCK, **no.detail) from None
        raise
    found = tuple((piece.lot, piece.amount) for piece in pieces)
    if asked.expect not in {None, found}:
        raise No(Code.QUOTE_STALE, required=asked.amount)
    for piece in pieces:
        me.lots[piece.lot].held += piece.amount
    shares = [Share(piece.lot, piece.amount) for piece in pieces]
    me.holds[deed.number] = Hold(asked.currency_id, asked.expires_at_us, shares)


def extend(me: Holder, _: Deed, asked: Extend) -> None:
    hold = _open_hold(me, asked.hold_id)
    if hold.ends is None or asked.expires_at_us <= hold.ends:
        raise No(Code.EXPIRY_NOT_LATER)
    hold.ends = asked.expires_at_us


def capture(me: Holder, deed: Deed, asked: Capture) -> None:
    hold = _open_hold(me, asked.hold_id)
    amount = hold.left if asked.amount is None else asked.amount
    if amount > hold.left:
        raise No(Code.EXCEEDS_ORIGINAL, required=amount, available=hold.left)
    for share in hold.shares:
        part = min(share.left, amount)
        if part:
            amount -= part
            share.taken += part
            me.lots[share.lot].held -= part
            deed.took.insert(0, Piece(share.lot, part))
    if asked.final:
        give_back(me, deed, hold, deed.at)


def void(me: Holder, deed: Deed, asked: Void) -> None:
    give_back(me, deed, _open_hold(me, asked.hold_id), deed.at)


def give_back(me: Holder, deed: Deed, hold: Hold, ended: int) -> None:
    """Return to its lots what is left of a hold that ended at an instant.

    Points whose lot had run out by then are gone, unless they were promised grace.
    """
    for share in hold.shares:
        amount = share.left
        if not amount:
            continue
        share.returned += amount
        lot = me.lots[share.lot]
        lot.held -= amount
        grace = lot.promise("grace_us", 0)
        if lot.ends > ended:
            lot.free += amount
        elif grace:
            came, ends = ended, ended + grace
            come_again(me, deed, amount, lot, me.id, ends, came)
        else:
            lot.expired += amount


def come_again(
    me: Holder,
    deed: Deed,
    amount: int,
    lot: Lot,
    parent: int,
    ends: int,
    came: int | None = None,
) -> Lot:
    """Put points that once were in *lot* of holder *parent* into a new lot."""
    ends = min(ends, NEVER_US)
    new = Lot(lot.currency, amount, deed.at, ends, lot.policy, (parent, lot.number))
    new.free = amount
    return me.add(deed, new, came)


def _must_be_spendable(me: Holder, currency: int) -> None:
    if not me.rules_of(currency).can_be_spent:
        raise No(Code.NOT_REDEEMABLE, currency=currency)


def _open_hold(me: Holder, number: int) -> Hold:
    if number not in me.holds:
        raise No(Code.HOLD_UNKNOWN)
    hold = me.holds[number]
    if not hold.left:
        raise No(Code.HOLD_EXPIRED if hold.ran_out else Code.HOLD_CLOSED)
    return hold
