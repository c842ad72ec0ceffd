"""A purchase in a shop, reported by the shop's own systems.

An order belongs to one member and earns once. Rules see what was paid, in minor units
(cents) and in whole major units (dollars, rounded down), the currency, how many items
there were, and where they were bought.
"""

from pydantic import BaseModel, Field

from guerdon import EarningAction, Fact, Money, Trust, hookimpl


class PurchasePayload(BaseModel):
    """What a shop reports about one order."""

    order_id: str = Field(
        min_length=1, max_length=100, description="The shop's number of the order."
    )
    amount_minor: int = Field(ge=0, description="What was paid, in minor units.")
    currency_code: str = Field(
        pattern="^[A-Z]{3}$", description="Currency of the amount, by ISO 4217."
    )
    item_count: int = Field(
        default=0,
        ge=0,
        le=100_000,
        description="How many items; 0 if that is not told.",
    )
    channel: str = Field(
        default="unknown",
        min_length=1,
        max_length=50,
        description="Where it was bought, such as web, app or store.",
    )
    store_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="The store, if it was bought in one.",
    )


class Purchase(EarningAction[PurchasePayload]):
    """One order that was paid."""

    code = "purchase"
    payload = PurchasePayload
    trust = Trust.INTEGRATOR

    def reference(self, payload: PurchasePayload) -> str:
        """Return the order's number."""
        return payload.order_id

    def facts(self, payload: PurchasePayload) -> dict[str, Fact]:
        """Return what was paid, for how many items, and where."""
        paid = Money(
            amount_minor=payload.amount_minor, currency_code=payload.currency_code
        )
        return {
            "amount_minor": paid.amount_minor,
            "amount_major": paid.amount_major,
            "currency_code": paid.currency_code,
            "item_count": payload.item_count,
            "channel": payload.channel,
            "store_id": payload.store_id or "",
        }


@hookimpl
def register_earning_actions() -> list[Purchase]:
    """Bring the purchase."""
    return [Purchase()]
