"""G.711's two laws, held to the standard's tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.demo.phones.g711 import A_LAW, LAWS, U_LAW, Law

# ITU-T G.711, tables 1a and 2a: the ends of each segment as they go over the wire, with the value of the
# middle of the step on a 16-bit scale (13 bits of A-law times 8, 14 bits of µ-law times 4).
A_POINTS = [(0xD5, 8), (0xC5, 264), (0xF5, 528), (0xE5, 1056), (0x95, 2112), (0x85, 4224), (0xB5, 8448)]
A_POINTS += [(0xA5, 16896), (0xAA, 32256), (0x55, -8), (0x2A, -32256)]
U_POINTS = [(0xFF, 0), (0xEF, 132), (0xDF, 396), (0xCF, 924), (0xBF, 1980), (0xAF, 4092), (0x9F, 8316)]
U_POINTS += [(0x8F, 16764), (0x80, 32124), (0x7E, -8), (0x00, -32124)]
POINTS = [(A_LAW, *point) for point in A_POINTS] + [(U_LAW, *point) for point in U_POINTS]


@pytest.mark.parametrize(("law", "code", "sample"), POINTS)
def test_a_code_is_the_standards(law: Law, code: int, sample: int) -> None:
    """Both ways: the code decodes to the value, and the value encodes to the code."""
    assert list(law.decode(bytes([code]))) == [sample]
    assert law.encode([sample]) == bytes([code])


@pytest.mark.parametrize("law", [A_LAW, U_LAW], ids=lambda law: law.name)
def test_every_code_comes_back(law: Law) -> None:
    """But for µ-law's second zero."""
    codes = bytes(range(256))
    changed = [code for code, back in zip(codes, law.encode(law.decode(codes)), strict=True) if code != back]
    assert changed == ([0x7F] if law is U_LAW else [])


@given(st.sampled_from([A_LAW, U_LAW]), st.integers(-32768, 32767))
def test_a_sample_goes_to_the_nearest_value(law: Law, sample: int) -> None:
    """No other code of the law is nearer, but for the two bits below what the law looks at."""
    (back,) = law.decode(law.encode([sample]))
    nearest = min(abs(value - sample) for value in law.samples)
    assert abs(back - sample) <= nearest + 4


def test_a_law_is_found_by_its_payload_type() -> None:
    """RFC 3551, table 4."""
    assert (LAWS[0].name, LAWS[8].name) == ("PCMU", "PCMA")
