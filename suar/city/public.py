"""What of a city's settings is about the public: how numbers are written, what may come in from phones."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from suar.city.fields import Table
from suar.telephone import NumberPlan

FieldName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\[\]-]{1,60}$")]


class TelephoneSettings(Table):
    """``[telephone]``: how numbers are dialled here. May be left out."""

    country_code: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}$")] = "62"
    area_code: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}$")] | None = None

    @property
    def plan(self) -> NumberPlan:
        """What brings numbers into one spelling."""
        return NumberPlan(self.country_code, self.area_code)


class PublicSettings(Table):
    """``[public]``: what stands before the public address. May be left out."""

    proxies: Annotated[int, Field(ge=0, le=5)] = 0


class AmlSettings(Table):
    """``[aml]``: locations that phones send by themselves. Left out, none are taken."""

    before_s: Annotated[float, Field(ge=0, le=3_600)] = 60
    after_s: Annotated[float, Field(ge=0, le=86_400)] = 600
    hmac: Literal["checked", "required"] = "checked"
    most_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 3_000
    sms_number_field: FieldName = "from"
    sms_text_field: FieldName = "text"
