"""The reward type of free goods."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from guerdon import (
    Fact,
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    PartlyFulfilled,
    Probed,
    RevocationRefused,
    RewardRequest,
    RewardType,
    Unknown,
)
from plugins.product.models import (
    DeliveryNotOffered,
    NoneLeft,
    ProductConfig,
    ProductMatch,
    ProductOptions,
    ProductOrder,
    ProductVariant,
    TooManyUnits,
)
from plugins.product.warehouse import (
    ATTRIBUTES,
    Order,
    ProductSettings,
    SandboxWarehouse,
    Shipment,
    Warehouse,
)

Request = RewardRequest[ProductConfig, ProductOptions]


class Product(RewardType[ProductConfig, ProductOptions, ProductOrder]):
    """Free goods."""

    code = "product"
    config, options, fulfillment = ProductConfig, ProductOptions, ProductOrder
    deadline_seconds = 10.0
    review_after_hours = 72.0
    refusals = (DeliveryNotOffered, TooManyUnits, NoneLeft)

    def __init__(
        self, warehouse: Warehouse, attributes: tuple[str, ...] = ATTRIBUTES
    ) -> None:
        self._warehouse = warehouse
        self.reads_attributes = attributes

    def check(self, config: ProductConfig) -> None:
        """Refuse goods that reach nobody, and variants that cannot be told apart."""
        if not config.countries and not config.stores:
            raise ValueError("give countries to send it to, or stores")
        for name, codes in (
            ("variants", [variant.sku for variant in config.variants]),
            ("countries", config.countries),
            ("stores", [store.code for store in config.stores]),
        ):
            if len(set(codes)) < len(codes):
                raise ValueError(f"{name}: one is named twice")
        for variant in config.variants:
            for match in variant.matches:
                if match.attribute not in self.reads_attributes:
                    known = ", ".join(self.reads_attributes)
                    reason = f"matches: {match.attribute} is not among {known}"
                    raise ValueError(f"variants: {variant.sku}: {reason}")

    def capacity(self, config: ProductConfig) -> Mapping[str, int]:
        """Return the units of each variant."""
        return {variant.sku: variant.units for variant in config.variants}

    def slot(
        self,
        config: ProductConfig,
        options: ProductOptions,
        attributes: Mapping[str, Fact],
    ) -> str:
        """Return the SKU of the variant that was chosen, or fits best."""
        return choose_variant(config, options, attributes).sku

    def quantity(self, options: ProductOptions) -> int:
        """Return how many units the member wants."""
        return options.quantity

    def precheck(self, request: Request) -> None:
        """Refuse what is too much, or gets nowhere."""
        config, options = request.config, request.options
        if options.quantity > config.maximum_quantity:
            many = TooManyUnits(maximum_quantity=config.maximum_quantity)
            raise FulfillmentRefused("these are too many at a time", many)
        reason = _delivery_fault(config, options)
        if reason is not None:
            stores = [store.code for store in config.stores]
            detail = DeliveryNotOffered(countries=config.countries, stores=stores)
            raise FulfillmentRefused(reason, detail)

    async def fulfill(
        self, request: Request
    ) -> ProductOrder | PartlyFulfilled[ProductOrder] | Unknown:
        """Place the order."""
        self.precheck(request)
        answer = _answer(request, await self._warehouse.place(_order(request)))
        match answer:
            case Fulfilled(fulfillment):
                return fulfillment
            case NotFulfilled():
                none = NoneLeft(sku=_variant(request).sku)
                raise FulfillmentRefused("there is none left", none)
            case _:
                return answer

    async def probe(self, request: Request) -> Probed[ProductOrder]:
        """Ask the warehouse what became of the order."""
        if self._is_refused(request):
            return NotFulfilled()
        shipment = await self._warehouse.find(_order(request))
        return NotFulfilled() if shipment is None else _answer(request, shipment)

    async def receive(
        self, request: Request, message: Mapping[str, Any]
    ) -> Probed[ProductOrder]:
        """Read a shipment as the warehouse tells it: a JSON object like `Shipment`.

        It counts where the warehouse does not know more when it is asked. Any other
        message is a hint that there is something to ask for.
        """
        if self._is_refused(request):
            return NotFulfilled()
        shipment = await self._warehouse.find(_order(request))
        if shipment is None or shipment.units is None:
            with suppress(ValidationError):
                shipment = Shipment.model_validate(message, strict=True)
        return NotFulfilled() if shipment is None else _answer(request, shipment)

    async def revoke(self, request: Request) -> None:
        """Stop the order, unless it has left the house; the engine frees the units."""
        if not await self._warehouse.cancel(_order(request)):
            raise RevocationRefused("it has been sent")

    def _is_refused(self, request: Request) -> bool:
        try:
            self.precheck(request)
        except FulfillmentRefused:
            return True
        return False


def make_product(settings: ProductSettings) -> Product:
    """Return the reward type with the warehouse that *settings* name."""
    make = settings.warehouse
    warehouse = SandboxWarehouse() if make is None else make(settings)
    return Product(warehouse, tuple(settings.attributes.split(",")))


def choose_variant(
    config: ProductConfig, options: ProductOptions, attributes: Mapping[str, Fact]
) -> ProductVariant:
    """Return the variant that a member chose, or else the one that fits best.

    That is the one with the most matches, of those whose matches all hold; the first of
    equals. What is not known matches nothing.

    Raises:
        ValueError: none was chosen, and none fits.
    """
    variants = {variant.sku: variant for variant in config.variants}
    if options.variant in variants:
        return variants[options.variant]
    fitting = [
        variant
        for variant in config.variants
        if all(_holds(match, attributes) for match in variant.matches)
    ]
    if options.variant is not None or not fitting:
        raise ValueError(f"variant: choose one of the variants: {', '.join(variants)}")
    return max(fitting, key=lambda variant: len(variant.matches))


def _holds(match: ProductMatch, attributes: Mapping[str, Fact]) -> bool:
    known = attributes.get(match.attribute)
    return known is not None and str(known).casefold() == match.value.casefold()


def _variant(request: Request) -> ProductVariant:
    return choose_variant(request.config, request.options, request.attributes)


def _delivery_fault(config: ProductConfig, options: ProductOptions) -> str | None:
    """Say why the goods would not get to the member, if they would not."""
    match options.address, options.store:
        case None, None:
            return "say where it shall go: give an address or a store"
        case None, store:
            is_known = store in {one.code for one in config.stores}
            return None if is_known else "it cannot be picked up there"
        case address, None:
            is_served = address.country_code in config.countries
            return None if is_served else "it is not sent to this country"
        case _:
            return "it goes to one place: give either an address or a store"


def _order(request: Request) -> Order:
    return Order(
        reference=request.token,
        sku=_variant(request).sku,
        units=request.quantity,
        address=request.options.address,
        store=request.options.store,
    )


def _answer(request: Request, shipment: Shipment) -> Probed[ProductOrder]:
    """Return what a shipment means for the member."""
    units = shipment.units
    if units is None:
        return Unknown()
    if units == 0:
        return NotFulfilled()
    variant = _variant(request)
    stores = {store.code: store.name for store in request.config.stores}
    order = ProductOrder(
        order_number=shipment.order_number,
        sku=variant.sku,
        label=variant.label,
        units=min(units, request.quantity),
        store=stores.get(request.options.store or ""),
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
    )
    if units < request.quantity:
        return PartlyFulfilled(order, units)
    return Fulfilled(order)
