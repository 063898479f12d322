"""How `tags:` in config.yaml is written: tags that the hub keeps on customers, after what they bought."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, model_validator

from hub.config.written import Shape
from hub.model.money import exponent

TAG_NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,39}$"


def read_money(value: Any) -> Any:
    """Return (minor units, currency) for `500 EUR` or `499.90 EUR`."""
    amount, _, currency = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper() and amount.replace(".", "", 1).isdecimal()):
        raise ValueError("An amount of money is written like 500 EUR or 499.90 EUR.")
    minor = Decimal(amount).scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{currency} has {exponent(currency)} digits after the point.")
    return int(minor), currency


class TagRule(Shape):
    """Whom the hub gives a tag: whoever reaches all that is said. Cancelled orders and drafts do not count."""

    orders: int | None = Field(default=None, ge=1)
    spent: Annotated[tuple[int, str], BeforeValidator(read_money)] | None = None
    channels: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _says_something(self) -> TagRule:
        if self.orders is None and self.spent is None and self.channels is None:
            raise ValueError("Say whom it is given: orders, spent or channels.")
        return self
