"""The four calls of the demonstration, and what has to come of each."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from suar.city import City
from suar.demo.phones.caller import with_location
from suar.demo.phones.ear import voice


@dataclass(frozen=True, slots=True)
class Expected:
    """What the incident of a story has to show."""

    kind: str
    language: str
    location: str | None
    """The source of the claim that is gone by; None where nothing told anything."""
    disposition: str
    has_both_voices: bool


@dataclass(frozen=True, slots=True)
class Story:
    """One call: who makes it, what she does, and what has to come of it."""

    title: str
    carrier: str
    number: str
    starts_after_s: float
    presses: Sequence[tuple[float, str]]
    hang_up_after_s: float | None
    expected: Expected
    voice: array[int] = field(default_factory=lambda: array("h"), repr=False)
    headers: Sequence[str] = ()
    body: tuple[str, str] | None = field(default=None, repr=False)


# Tegalsari, in the middle of Surabaya: a circle of 35 m, as a handset with a fix sends it.
_PLACE = """<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml"
 xmlns:gs="http://www.opengis.net/pidflo/1.0" entity="pres:caller@telkomsel.invalid">
 <dm:device id="handset"><gp:geopriv><gp:location-info>
  <gs:Circle srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>-7.27960 112.73810</gml:pos>
   <gs:radius uom="urn:ogc:def:uom:EPSG::9001">35</gs:radius></gs:Circle>
 </gp:location-info><gp:usage-rules/><gp:method>GPS</gp:method></gp:geopriv>
 <dm:timestamp>2026-11-24T08:00:00Z</dm:timestamp></dm:device></presence>"""


def stories(city: City) -> list[Story]:
    """Return the stories; the city has to have Surabaya's carriers and kinds."""
    headers, body = with_location(_PLACE.replace("\n", "\r\n"))
    return [
        Story(
            "Telkomsel mobile in Tegalsari: presses 1, a fire",
            "telkomsel",
            "+628121234567",
            0.0,
            [(3.0, "1")],
            None,
            Expected("fire", "id", "pidf-lo", "normal", True),
            voice(440),
            headers,
            body,
        ),
        Story(
            "XLSmart mobile: says and presses nothing",
            "xlsmart",
            "+628171234567",
            1.0,
            [],
            24.0,
            Expected(city.fallback_kind.id, "id", None, "normal", True),
            voice(520),
        ),
        Story(
            "Indosat mobile: hangs up while waiting",
            "indosat",
            "+628141234567",
            11.0,
            [(2.0, "3")],
            6.5,
            Expected("police", "id", None, "terputus", False),
        ),
        Story(
            "Telkom fixed line (031): presses 9 for English, then 2, medical",
            "telkom",
            "0315012345",
            14.0,
            [(2.0, "9"), (4.5, "2")],
            None,
            Expected("medical", "en", "carrier", "normal", True),
            voice(620),
        ),
    ]
