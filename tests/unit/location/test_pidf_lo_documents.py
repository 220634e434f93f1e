"""Documents that are not as they should be: wrong bytes, wrong namespaces, and wrong words."""

from __future__ import annotations

import pytest

from tests.unit.location.documents import CIRCLE, NAMESPACES, device, only, parse, presence

WHOLE = presence(device(CIRCLE))
LATIN = WHOLE.replace("UTF-8", "ISO-8859-1").replace("pelapor", "péla")


def with_chunk(text: str) -> str:
    return presence(device(CIRCLE + text))


def with_rules(text: str) -> str:
    return presence(device(CIRCLE, f"<gp:usage-rules>{text}</gp:usage-rules>"))


@pytest.mark.parametrize(
    ("document", "flags"),
    [
        (presence(device(CIRCLE), ""), ["namespace-undeclared", "namespace-missing"]),
        (
            presence(device(CIRCLE), NAMESPACES.replace("opengis.net/gml", "opengis.net/gml/3.2")),
            ["namespace-wrong"],
        ),
        (WHOLE.replace("gs:", "").replace("gml:", ""), ["namespace-wrong"]),
        (WHOLE.replace("location-info", "Location-Info"), ["element-case"]),
        (WHOLE.replace("gs:Circle", "gs:circle").replace("gml:pos", "gml:POS"), ["element-case"]),
        (
            presence(f"<tuple id='t'>{device(CIRCLE)[19:-12]}</tuple>")
            .replace("<dm:", "<")
            .replace("</dm:", "</"),
            ["structure-unusual"],
        ),
        (presence(device(f"<gp:place>{CIRCLE}</gp:place>")), ["structure-unusual"]),
        ("\ufeff" + WHOLE, ["byte-order-mark"]),
        ("\r\n  " + WHOLE, ["space-before-document"]),
        (WHOLE + "\r\n--boundary--", ["junk-after-document"]),
        (WHOLE + "\0\0", ["control-characters"]),
        (WHOLE.replace("UTF-8", "UTF-16"), ["encoding-wrong"]),
        (WHOLE.encode("utf-16"), ["byte-order-mark"]),
        (WHOLE.encode("utf-16-le"), []),
        (WHOLE.replace("pelapor", "péla").encode("latin-1"), ["encoding-wrong"]),
        (LATIN.encode("latin-1"), []),
        (LATIN.encode(), ["encoding-wrong"]),
        (WHOLE.replace("UTF-8", "klingon"), []),
        (WHOLE.replace("pelapor", "a&b"), ["bare-ampersand"]),
        (WHOLE[:-22], ["xml-broken-off"]),
        (CIRCLE, ["bare-location", "time-missing", "namespace-undeclared"]),
        (presence(device(CIRCLE, fix="")), ["time-missing"]),
        (presence(device(CIRCLE, fix="25/11/2026")), ["time-unusable"]),
        (presence(device(CIRCLE, fix="2026-11-25 07:59:40Z")), ["time-spelling"]),
        (presence(device(CIRCLE, fix="2026-11-25T07:59:40")), ["time-spelling", "time-zone-missing"]),
        (presence(device(CIRCLE, fix="1795593580")), ["time-spelling"]),
        (presence(device(CIRCLE, fix="2050-05-15T12:30:00Z")), ["time-in-future"]),
        (presence(device(CIRCLE, "<gp:method>crystal-ball</gp:method>")), ["method-unknown"]),
        (with_chunk("<con:confidence>0.9</con:confidence>"), ["confidence-fraction"]),
        (
            with_chunk("<con:confidence>1e-30</con:confidence>"),
            ["confidence-fraction", "confidence-unusable"],
        ),
        (with_chunk("<con:confidence>high</con:confidence>"), ["confidence-unusable"]),
        (with_chunk("<con:confidence>1</con:confidence>"), ["confidence-unusable"]),
        (with_chunk("<dyn:Dynamic><dyn:speed>-3</dyn:speed></dyn:Dynamic>"), ["motion-unusable"]),
        (with_rules("<gp:retransmission-allowed>perhaps</gp:retransmission-allowed>"), ["rules-unusable"]),
        (
            with_rules("<gp:retention-expiry>2020-01-01T00:00:00Z</gp:retention-expiry>"),
            ["retention-expired"],
        ),
    ],
)
def test_an_odd_document_is_read_and_its_oddity_named(document: str | bytes, flags: list[str]) -> None:
    """Each tolerance is a flag on the claim."""
    claim = only(parse(document))
    assert (claim.latitude, claim.longitude) == (-7.2575, 112.7521)
    assert claim.uncertainty_m == 35.0
    assert list(claim.flags) == flags
