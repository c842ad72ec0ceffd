"""Free goods: the variant that fits, sent or picked up, as many as there are."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigurationError, InvalidOptionsError
from core.extension import in_place
from core.extension.earning_action import Fact
from core.extension.reward_documents import accept_config, accept_options
from core.extension.reward_type import AnyRequest, RewardRequest
from guerdon import (
    Fulfilled,
    FulfillmentRefused,
    NotFulfilled,
    PartlyFulfilled,
    RevocationRefused,
    Unknown,
)
from guerdon.testing import Case, RewardTypeContract
from plugins.product.models import (
    DeliveryNotOffered,
    NoneLeft,
    ProductAddress,
    ProductConfig,
    ProductMatch,
    ProductOptions,
    ProductOrder,
    ProductStore,
    ProductVariant,
    TooManyUnits,
)
from plugins.product.reward_type import Product, choose_variant, make_product
from plugins.product.warehouse import (
    Order,
    ProductSettings,
    SandboxWarehouse,
    Shipment,
)


def variant(sku: str, **matches: str) -> ProductVariant:
    return ProductVariant(
        sku=sku,
        label=f"Kind {sku}",
        units=10,
        matches=[
            ProductMatch(attribute=name, value=value) for name, value in matches.items()
        ],
    )


HOME = ProductAddress(
    recipient="Ada Lovelace", street="Ring 1", city="Graz", country_code="AT"
)
SHOES = ProductConfig(
    variants=[
        variant("S-41", shoe_size="41"),
        variant("S-42", shoe_size="42"),
        variant("S-42-BR", shoe_size="42", hair_color="Brown"),
        variant("S-SHORT"),
        variant("S-NONE", eye_color="green"),
        variant("S-LATE", eye_color="blue"),
        variant("S-SENT", eye_color="red"),
    ],
    maximum_quantity=3,
    countries=["AT", "DE"],
    stores=[ProductStore(code="graz", name="Graz, Main Square")],
)


def choosing(
    sku: str | None = None, quantity: int = 1, store: str | None = None
) -> ProductOptions:
    address = HOME if store is None else None
    return ProductOptions(variant=sku, quantity=quantity, address=address, store=store)


class CountingWarehouse:
    """A warehouse with books of its own, which has two of everything."""

    def __init__(self) -> None:
        self.orders: dict[str, list[Shipment]] = {}
        self.lock = threading.Lock()

    async def place(self, order: Order) -> Shipment:
        with self.lock:
            placed = self.orders.setdefault(order.reference, [])
            if not placed:
                number = f"O-{len(self.orders)}"
                placed.append(Shipment(order_number=number, units=min(2, order.units)))
            return placed[0]

    async def find(self, order: Order) -> Shipment | None:
        placed = self.orders.get(order.reference)
        return placed[0] if placed else None

    async def cancel(self, order: Order) -> bool:
        return True


BOOKS = CountingWarehouse()
TOLD = {"order_number": "W-1", "units": 2, "carrier": "Post", "tracking_number": "T-9"}


class TestContract(RewardTypeContract):
    reward_type = Product(SandboxWarehouse())
    config = SHOES
    options = choosing(quantity=2)
    attributes = {"shoe_size": 42, "hair_color": "brown"}  # noqa: RUF012
    refused = (
        (SHOES, choosing("S-NONE")),
        (SHOES, choosing("S-SHORT")),
        (SHOES, choosing(quantity=4)),
        (SHOES, ProductOptions()),
    )
    refused_early = (
        Case(SHOES, choosing(quantity=4)),
        Case(SHOES, choosing(store="wien")),
        Case(SHOES, ProductOptions()),
    )
    partly = (Case(SHOES, choosing("S-SHORT", quantity=3)),)
    late = (Case(SHOES, choosing("S-LATE", quantity=2)),)

    def messages(self, request: AnyRequest) -> tuple[dict[str, Any], ...]:
        return (TOLD, {"units": "two"}, {"status": "packed"})


class TestContractWithBooks(RewardTypeContract):
    reward_type = Product(BOOKS)
    config = SHOES
    options = choosing(quantity=2, store="graz")
    refused = ((SHOES, choosing(quantity=4)),)
    partly = (Case(SHOES, choosing(quantity=3)),)

    def effects(self, token: str) -> int:
        return len(BOOKS.orders.get(token, []))


class TestContractOfSentGoods(RewardTypeContract):
    reward_type = Product(SandboxWarehouse())
    config = SHOES
    options = choosing("S-SENT")


PRODUCT = Product(SandboxWarehouse())


def request(
    chosen: ProductOptions, **attributes: Fact
) -> RewardRequest[ProductConfig, ProductOptions]:
    return RewardRequest(
        token="a-secret",
        member_id="mbr_0000000000000001",
        config=SHOES,
        options=chosen,
        quantity=chosen.quantity,
        requested_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
        attributes=attributes,
    )


async def test_goods_are_sent() -> None:
    order = await PRODUCT.fulfill(request(choosing("S-41", quantity=2)))

    assert order == ProductOrder(
        order_number="N6GB-86N7-EYHY-PFFV",
        sku="S-41",
        label="Kind S-41",
        units=2,
        store=None,
        carrier="Sandbox",
        tracking_number="69FY-3NEX-BB9Q-DNFK",
    )


async def test_goods_are_picked_up() -> None:
    order = await PRODUCT.fulfill(request(choosing("S-41", store="graz")))

    assert order == ProductOrder(
        order_number="N6GB-86N7-EYHY-PFFV",
        sku="S-41",
        label="Kind S-41",
        units=1,
        store="Graz, Main Square",
        carrier=None,
        tracking_number=None,
    )


async def test_warehouse_is_told_what_goes_where() -> None:
    seen: list[Order] = []

    class Seeing(SandboxWarehouse):
        async def place(self, order: Order) -> Shipment:
            seen.append(order)
            return await super().place(order)

    await Product(Seeing()).fulfill(request(choosing("S-41", quantity=2)))
    await Product(Seeing()).fulfill(request(choosing("S-42", store="graz")))

    assert seen == [
        Order("a-secret", "S-41", 2, HOME, None),
        Order("a-secret", "S-42", 1, None, "graz"),
    ]


@pytest.mark.parametrize(
    ("known", "sku"),
    [
        ({}, "S-SHORT"),
        ({"shoe_size": 41}, "S-41"),
        ({"shoe_size": "42"}, "S-42"),
        ({"shoe_size": 42, "hair_color": "BROWN"}, "S-42-BR"),
        ({"shoe_size": 42, "hair_color": "red"}, "S-42"),
        ({"shoe_size": 60, "hair_color": "brown"}, "S-SHORT"),
    ],
)
def test_variant_fits_what_is_known(known: dict[str, Fact], sku: str) -> None:
    assert in_place.slot(PRODUCT, SHOES, choosing(), known) == sku


def test_choice_of_the_member_wins() -> None:
    known: dict[str, Fact] = {"shoe_size": 42}

    assert in_place.slot(PRODUCT, SHOES, choosing("S-41"), known) == "S-41"


def test_truth_is_matched_as_text() -> None:
    config = SHOES.model_copy(update={"variants": [variant("L", shoe_size="true")]})

    assert choose_variant(config, choosing(), {"shoe_size": True}).sku == "L"


@pytest.mark.parametrize(
    ("config", "sku"),
    [
        (SHOES, "S-43"),
        (SHOES.model_copy(update={"variants": SHOES.variants[:2]}), None),
    ],
)
def test_variant_must_be_chosen_if_none_fits(
    config: ProductConfig, sku: str | None
) -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        in_place.slot(PRODUCT, config, choosing(sku), {"shoe_size": 60})

    assert caught.value.reason.startswith("variant: choose one of the variants: S-41, ")


NAMES = st.sampled_from(["shoe_size", "hair_color", "eye_color"])
VALUES = st.sampled_from(["a", "b"])
MATCHES = st.dictionaries(NAMES, VALUES)


@given(kinds=st.lists(MATCHES, min_size=1, max_size=6), known=MATCHES)
def test_variant_is_the_best_of_those_that_fit(
    kinds: list[dict[str, str]], known: dict[str, str]
) -> None:
    variants = [variant(f"V{n}", **matches) for n, matches in enumerate(kinds)]
    config = SHOES.model_copy(update={"variants": variants})
    fitting = [n for n, kind in enumerate(kinds) if kind.items() <= known.items()]

    if not fitting:
        with pytest.raises(ValueError, match="choose one of the variants"):
            choose_variant(config, choosing(), known)
        return
    found = int(choose_variant(config, choosing(), known).sku[1:])

    assert found in fitting
    most = max(len(kinds[n]) for n in fitting)
    assert found == min(n for n in fitting if len(kinds[n]) == most)


def test_each_variant_has_units_of_its_own() -> None:
    units = PRODUCT.capacity(SHOES)

    assert list(units) == [one.sku for one in SHOES.variants]
    assert set(units.values()) == {10}


BOTH = ProductOptions(variant="S-41", address=HOME, store="graz")
ABROAD = ProductOptions(
    variant="S-41", address=HOME.model_copy(update={"country_code": "FR"})
)


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        (ProductOptions(variant="S-41"), "give an address or a store"),
        (BOTH, "give either an address or a store"),
        (choosing(store="wien"), "it cannot be picked up there"),
        (ABROAD, "it is not sent to this country"),
    ],
)
def test_goods_get_where_they_can(chosen: ProductOptions, reason: str) -> None:
    with pytest.raises(FulfillmentRefused, match=reason) as caught:
        PRODUCT.precheck(request(chosen))

    assert caught.value.detail == DeliveryNotOffered(
        countries=["AT", "DE"], stores=["graz"]
    )


def test_number_of_units_is_limited() -> None:
    PRODUCT.precheck(request(choosing(quantity=3)))
    with pytest.raises(FulfillmentRefused) as caught:
        PRODUCT.precheck(request(choosing(quantity=4)))

    assert caught.value.detail == TooManyUnits(maximum_quantity=3)
    assert in_place.quantity(PRODUCT, choosing(quantity=4)) == 4


async def test_fewer_units_are_a_part() -> None:
    wish = request(choosing("S-SHORT", quantity=3))

    answer = await PRODUCT.fulfill(wish)

    assert isinstance(answer, PartlyFulfilled)
    assert (answer.quantity, answer.fulfillment.units) == (2, 2)
    assert await PRODUCT.probe(wish) == answer


async def test_no_unit_is_a_refusal() -> None:
    wish = request(choosing("S-NONE"))

    with pytest.raises(FulfillmentRefused, match="there is none left") as caught:
        await PRODUCT.fulfill(wish)

    assert caught.value.detail == NoneLeft(sku="S-NONE")
    assert await PRODUCT.probe(wish) == NotFulfilled()


LATE = request(choosing("S-LATE", quantity=2))


async def test_message_tells_what_was_not_known() -> None:
    assert await PRODUCT.fulfill(LATE) == Unknown()
    assert await PRODUCT.probe(LATE) == Unknown()

    answer = await PRODUCT.receive(LATE, TOLD)

    assert answer == Fulfilled(
        ProductOrder(
            order_number="W-1",
            sku="S-LATE",
            label="Kind S-LATE",
            units=2,
            store=None,
            carrier="Post",
            tracking_number="T-9",
        )
    )


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"units": 0}, NotFulfilled()),
        ({"units": None}, Unknown()),
        ({"units": -1}, Unknown()),
        ({"units": "2"}, Unknown()),
        ({"order_number": ""}, Unknown()),
        ({"order_number": None}, Unknown()),
    ],
)
async def test_message_that_tells_nothing_is_a_hint(
    change: dict[str, Any], answer: object
) -> None:
    assert await PRODUCT.receive(LATE, TOLD | change) == answer


async def test_message_may_tell_a_part() -> None:
    answer = await PRODUCT.receive(LATE, TOLD | {"units": 1})

    assert isinstance(answer, PartlyFulfilled)
    assert (answer.quantity, answer.fulfillment.units) == (1, 1)


async def test_message_never_contradicts_the_warehouse() -> None:
    known = request(choosing("S-41", quantity=2))
    none = request(choosing("S-NONE", quantity=2))

    assert await PRODUCT.receive(known, TOLD) == await PRODUCT.probe(known)
    assert await PRODUCT.receive(none, TOLD) == NotFulfilled()


async def test_message_about_what_was_refused_tells_nothing() -> None:
    refused = replace(LATE, options=ProductOptions(variant="S-LATE", quantity=2))

    assert await PRODUCT.receive(refused, TOLD) == NotFulfilled()


async def test_order_is_stopped_until_it_is_sent() -> None:
    await PRODUCT.revoke(request(choosing("S-41")))
    with pytest.raises(RevocationRefused, match="it has been sent"):
        await PRODUCT.revoke(request(choosing("S-SENT")))


def make_counting_warehouse(settings: ProductSettings) -> CountingWarehouse:
    assert settings.warehouse_url == "https://goods.test"
    return CountingWarehouse()


async def test_settings_name_the_warehouse_and_the_attributes() -> None:
    settings = ProductSettings.model_validate(
        {
            "warehouse": f"{__name__}:make_counting_warehouse",
            "warehouse_url": "https://goods.test",
            "attributes": "drink,glove_size",
        }
    )

    product = make_product(settings)
    order = await product.fulfill(request(choosing("S-41")))

    assert isinstance(order, ProductOrder)
    assert order.order_number == "O-1"
    assert product.reads_attributes == ("drink", "glove_size")


def test_address_must_be_whole() -> None:
    address = HOME.model_dump(exclude={"city"})

    with pytest.raises(InvalidOptionsError) as caught:
        accept_options(PRODUCT, {"address": address})

    assert (caught.value.field, caught.value.reason) == (
        "address.city",
        "Field required",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("recipient", "  "), ("street", ""), ("country_code", "Austria")],
)
def test_address_must_make_sense(field: str, value: str) -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        accept_options(PRODUCT, {"address": HOME.model_dump() | {field: value}})

    assert caught.value.field == f"address.{field}"


CUP = {"sku": "CUP", "label": "A cup", "units": 5}
GRAZ = {"code": "graz", "name": "Graz"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"countries": []}, "give countries to send it to, or stores"),
        ({"countries": ["AT", "AT"]}, "countries: one is named twice"),
        ({"variants": [CUP, CUP]}, "variants: one is named twice"),
        ({"variants": []}, "variants: List should have at least 1 item"),
        ({"stores": [GRAZ, GRAZ]}, "stores: one is named twice"),
        (
            {"variants": [CUP | {"matches": [{"attribute": "mood", "value": "a"}]}]},
            "variants: CUP: matches: mood is not among clothing_size, ",
        ),
        ({"variants": [CUP | {"sku": "two words"}]}, "variants.0.sku: String should"),
    ],
)
def test_config_must_make_sense(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        accept_config(PRODUCT, {"variants": [CUP], "countries": ["AT"]} | values)
