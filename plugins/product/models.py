"""What operators set and members choose for free goods, and what members get."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from guerdon import Visibility

CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]
Sku = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=50)]


class ProductAddress(BaseModel):
    """Where a parcel goes."""

    model_config = ConfigDict(frozen=True)

    recipient: str = Field(
        min_length=1, max_length=100, pattern=r"\S", description="Name on the parcel."
    )
    street: str = Field(
        min_length=1, max_length=100, pattern=r"\S", description="Street and number."
    )
    addition: str | None = Field(
        default=None, max_length=100, description="Floor, door, or care of."
    )
    postal_code: str | None = Field(
        default=None, max_length=20, description="Postal code, where there is one."
    )
    city: str = Field(
        min_length=1, max_length=100, pattern=r"\S", description="City or town."
    )
    region: str | None = Field(
        default=None, max_length=100, description="State or province."
    )
    country_code: CountryCode = Field(description="Country, by ISO 3166: DE.")


class ProductMatch(BaseModel):
    """What must be known of a member for a variant to fit."""

    attribute: str = Field(
        min_length=1, max_length=100, description="Name of the attribute: shoe_size."
    )
    value: str = Field(
        min_length=1,
        max_length=100,
        description="Its value; a number is written in digits, a truth value as true "
        "or false, capitals do not matter.",
    )


class ProductVariant(BaseModel):
    """One kind of the product."""

    sku: Sku = Field(description="The warehouse's number of it.")
    label: str = Field(
        min_length=1, max_length=100, description="What members see: Blue, size 42."
    )
    units: int = Field(ge=0, le=10_000_000, description="How many there are.")
    matches: list[ProductMatch] = Field(
        default=[],
        max_length=10,
        description="Whom it fits, if the member does not choose; all must hold. "
        "A variant without any fits everybody whom no other fits better.",
    )


class ProductStore(BaseModel):
    """One store where the product can be picked up."""

    code: str = Field(
        pattern="^[a-z0-9]+([-_][a-z0-9]+)*$",
        max_length=50,
        description="What members choose it by.",
    )
    name: str = Field(min_length=1, max_length=200, description="What members see.")


class ProductConfig(BaseModel):
    """What an operator sets for one product."""

    variants: list[ProductVariant] = Field(
        min_length=1, max_length=500, description="The kinds that there are."
    )
    maximum_quantity: int = Field(
        default=1, ge=1, le=100, description="Most units at a time."
    )
    countries: list[CountryCode] = Field(
        default=[],
        max_length=250,
        description="Where it is sent to, by ISO 3166: DE. It is not sent if none.",
    )
    stores: list[ProductStore] = Field(
        default=[], max_length=1000, description="Where it can be picked up."
    )


class ProductOptions(BaseModel):
    """What a member chooses when redeeming."""

    variant: str | None = Field(
        default=None,
        max_length=50,
        description="SKU of the variant; if left out, it is the one that fits best.",
    )
    quantity: int = Field(default=1, ge=1, le=100, description="How many units.")
    address: ProductAddress | None = Field(
        default=None, description="Where it is sent; this or a store."
    )
    store: str | None = Field(
        default=None,
        max_length=50,
        description="Code of the store where it is picked up; this or an address.",
    )


class ProductOrder(BaseModel):
    """What the member gets."""

    order_number: str = Field(description="The warehouse's number of the order.")
    sku: str = Field(description="The warehouse's number of the variant.")
    label: str = Field(description="What the variant is called.")
    units: int = Field(description="How many units there were.")
    store: str | None = Field(description="Store where it waits; none if it is sent.")
    carrier: str | None = Field(description="Who carries the parcel, if known.")
    tracking_number: Annotated[str | None, Visibility.MEMBER] = Field(
        description="What the carrier knows the parcel by, if known."
    )


class DeliveryNotOffered(BaseModel):
    """The product does not get where the member wants it."""

    countries: list[str] = Field(description="Where it is sent to.")
    stores: list[str] = Field(description="Codes of stores where it can be picked up.")


class TooManyUnits(BaseModel):
    """The member wants more units than one may have at a time."""

    maximum_quantity: int = Field(description="Most units at a time.")


class NoneLeft(BaseModel):
    """The warehouse found no unit of the variant."""

    sku: str = Field(description="The warehouse's number of the variant.")
