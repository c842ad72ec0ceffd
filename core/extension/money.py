"""Money as plugins see it: a whole number of minor units and an ISO 4217 code."""

from pydantic import BaseModel, ConfigDict, Field

MAX_EXACT = 2**53 - 1
"""The largest whole number that every client can read exactly."""

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_DIGITS = {
    **dict.fromkeys(_WHOLE.split(), 0),
    **dict.fromkeys(_THOUSANDTHS.split(), 3),
    "CLF": 4,
    "UYW": 4,
}
"""Currencies whose minor unit is not a hundredth."""


def minor_digits(currency_code: str) -> int:
    """Return how many decimals amounts in a currency have."""
    return _MINOR_DIGITS.get(currency_code, 2)


class Money(BaseModel):
    """An exact amount of money, never negative."""

    model_config = ConfigDict(frozen=True)

    amount_minor: int = Field(
        ge=0, le=MAX_EXACT, description="Amount in minor units, such as cents."
    )
    currency_code: str = Field(
        pattern="^[A-Z]{3}$", description="Currency, as its ISO 4217 code."
    )

    @property
    def amount_major(self) -> int:
        """The amount in whole major units, such as dollars, rounded down."""
        return int(self.amount_minor // 10 ** minor_digits(self.currency_code))
