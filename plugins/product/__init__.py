"""Free goods: a product in variants, sent to the member or picked up at a store.

The variant is chosen by the member, or else matched to what is known of the member,
such as the shoe size. Units of each variant are kept by the engine. Goods are handed
out by a *warehouse*, a partner's system.
"""

from guerdon import hookimpl
from plugins.product.reward_type import Product, make_product
from plugins.product.warehouse import ProductSettings


@hookimpl
def register_settings() -> type[ProductSettings]:
    """Ask for the warehouse."""
    return ProductSettings


@hookimpl
def register_reward_types(settings: ProductSettings) -> list[Product]:
    """Bring the product."""
    return [make_product(settings)]
