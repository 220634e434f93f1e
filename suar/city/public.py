"""What of a city's settings is about the public: how numbers are written, what may come in from phones."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

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


class SmsSettings(Table):
    """``[sms]``: the gateway that sends SMS: one HTTP request. Left out, none are sent."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+\S*$")]
    method: Literal["POST", "GET"] = "POST"
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")], str] = Field(default_factory=dict)
    body: Annotated[str, Field(max_length=2_000)] = ""
    timeout_s: Annotated[float, Field(ge=1, le=60)] = 10

    @model_validator(mode="after")
    def _says_whom_and_what(self) -> SmsSettings:
        told = self.url + self.body
        if "{text}" not in told or not ("{number}" in told or "{digits}" in told):
            raise ValueError("url or body: {text}, and {number} or {digits}, have to stand in one of them")
        if self.method == "GET" and self.body:
            raise ValueError("body: a GET has none; put everything into the url")
        return self


class LinkSettings(Table):
    """``[links]``: links by SMS that share a phone's location. Left out, none are sent."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?$")]
    valid_s: Annotated[float, Field(ge=60, le=86_400)] = 3_600
    texts: dict[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], Annotated[str, Field(max_length=300)]] = (
        Field(default_factory=dict)
    )

    @model_validator(mode="after")
    def _texts_have_the_link(self) -> LinkSettings:
        for language, text in self.texts.items():
            if "{link}" not in text:
                raise ValueError(f"texts.{language}: {{link}} has to stand in it")
        return self
