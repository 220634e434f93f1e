"""Numbers of callers, however a trunk, a phone or a gateway writes them, are one number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.telephone import NumberPlan

SURABAYA = NumberPlan(area_code="31")


@pytest.mark.parametrize(
    "written",
    [
        "+628121234567", "08121234567", "628121234567", "00628121234567", "8121234567", "0812-1234-567",
        "+62 (0) 812 1234567", "tel:+62-812-123-4567", "tel:08121234567;phone-context=+62",
        "sip:+628121234567@ims.example;user=phone", " 0812.1234.567 ",
    ],
)  # fmt: skip
def test_a_mobile_number_has_one_spelling(written: str) -> None:
    """Whatever stands before and between its digits."""
    assert SURABAYA.to_e164(written) == "+628121234567"


@pytest.mark.parametrize("written", ["+62315031234", "0315031234", "(031) 5031234", "5031234", "62315031234"])
def test_a_fixed_line_may_leave_out_its_area(written: str) -> None:
    """Where the city says which area it is."""
    assert SURABAYA.to_e164(written) == "+62315031234"


def test_a_local_number_of_nowhere_is_none() -> None:
    """Without an area it may be of anywhere."""
    assert NumberPlan().to_e164("5031234") is None


@pytest.mark.parametrize(
    "written",
    [None, "", "anonymous", "112", "911", "+", "sip:anonymous@anonymous.invalid", "+0", "1" * 16, "٠٨١٢١٢٣"],
)  # fmt: skip
def test_what_is_no_number_is_none(written: str | None) -> None:
    """Also what has digits that no telephone has."""
    assert SURABAYA.to_e164(written) is None


def test_a_foreign_number_stays_foreign() -> None:
    """A roaming phone's."""
    assert SURABAYA.to_e164("+6591234567") == "+6591234567"


@given(st.text(max_size=40))
def test_what_comes_out_goes_in_unchanged(text: str) -> None:
    """Normalising twice is normalising once, and anything else is None."""
    found = SURABAYA.to_e164(text)
    assert found is None or (SURABAYA.to_e164(found) == found and found[1:].isdigit() and len(found) <= 16)
