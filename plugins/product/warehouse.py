"""Where goods come from: a partner's system behind a protocol of three methods.

It knows an order by our reference, the secret token, so asking again has one effect. It
may find fewer units than it thought, and may tell later than it was asked. Without a
setting there is the sandbox, which hands nothing out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ImportString, SecretStr

from guerdon import derive_code
from plugins.product.models import ProductAddress

ATTRIBUTES = ("clothing_size", "eye_color", "hair_color", "shoe_size", "skin_color")
"""Attributes of a member that variants are matched to, unless a setting says others."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a warehouse is asked for, the same however often it is asked."""

    reference: str
    """Idempotency key: one reference is one order, for ever."""
    sku: str
    units: int
    address: ProductAddress | None
    """Where it is sent; None if it is picked up."""
    store: str | None
    """Code of the store where it is picked up; None if it is sent."""


class Shipment(BaseModel):
    """What a warehouse makes of an order."""

    model_config = ConfigDict(frozen=True)

    order_number: str = Field(min_length=1, description="The warehouse's number.")
    units: int | None = Field(
        ge=0, description="Units that it hands out; None if it does not know yet."
    )
    carrier: str | None = Field(default=None, description="Who carries the parcel.")
    tracking_number: str | None = Field(
        default=None, description="What the carrier knows the parcel by."
    )


class Warehouse(Protocol):
    """The system that hands goods out. What it raises is doubt."""

    async def place(self, order: Order) -> Shipment:
        """Place the order of a reference, or return what was made of it."""

    async def find(self, order: Order) -> Shipment | None:
        """Return what was made of a reference; None if it was not placed."""

    async def cancel(self, order: Order) -> bool:
        """Stop an order; False if it has left the house. Safe to repeat."""


class SandboxWarehouse:
    """Hands nothing out, for tests and demonstrations; keeps nothing either.

    Of an SKU that ends in `-SHORT` it finds one unit fewer, of `-NONE` none. Of `-LATE`
    it does not know before a message tells. What ends in `-SENT` cannot be stopped.
    """

    async def place(self, order: Order) -> Shipment:
        """Return the shipment that follows from the order."""
        found: dict[str, int | None] = {
            "SHORT": order.units - 1,
            "NONE": 0,
            "LATE": None,
        }
        units = found.get(order.sku.rpartition("-")[2], order.units)
        is_sent = bool(units) and order.address is not None
        tracking_number = derive_code("product parcel", order.reference)
        return Shipment(
            order_number=derive_code("product order", order.reference),
            units=units,
            carrier="Sandbox" if is_sent else None,
            tracking_number=tracking_number if is_sent else None,
        )

    async def find(self, order: Order) -> Shipment | None:
        """Return the same shipment: it is there as soon as there is a reference."""
        return await self.place(order)

    async def cancel(self, order: Order) -> bool:
        """Tell whether the parcel may still be here."""
        return not order.sku.endswith("-SENT")


class ProductSettings(BaseModel):
    """What an installation sets for all products."""

    warehouse: ImportString[Callable[[Any], Warehouse]] | None = Field(
        default=None,
        description="Function that makes the warehouse from these settings, such as "
        "acme_goods:make_warehouse; the sandbox if left out.",
    )
    warehouse_url: str | None = Field(
        default=None, description="Where the warehouse's system is."
    )
    warehouse_key: SecretStr | None = Field(
        default=None, description="Secret that the warehouse's system knows us by."
    )
    attributes: str = Field(
        default=",".join(ATTRIBUTES),
        pattern="^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*$",
        description="Attributes of a member that variants may be matched to, with "
        "commas between.",
    )
