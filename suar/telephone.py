"""Telephone numbers in one spelling: E.164, ``+628121234567``. Pure. A number is never logged."""

from __future__ import annotations

import re
from dataclasses import dataclass

_URI = re.compile(r"^(?:tel|sips?):", re.IGNORECASE)
_LONGEST = 15
"""Digits, by ITU-T E.164."""
_SHORTEST = 8
_SHORTEST_MOBILE = 9
"""Digits of a national number without its leading zero: shorter ones are local numbers of an area."""
_LOCAL = range(6, 9)


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """How numbers are dialled here. ``area_code`` is of the city's fixed lines, without the zero."""

    country_code: str = "62"
    area_code: str | None = None

    def to_e164(self, text: str | None) -> str | None:
        """Return the number as ``+`` and digits; None if it is none, or may be of anywhere.

        Takes what trunks, phones and gateways write: ``0812-1234-567``, ``62812...``, ``0062812...``,
        ``tel:+62812...;phone-context=...``, ``sip:+62812...@host``, and local numbers of a known area.
        """
        if not text or len(text) > 200:
            return None
        number = _URI.sub("", text.strip()).partition("@")[0].partition(";")[0]
        is_whole = number.startswith("+")
        digits = re.sub(r"[\s().\-/]", "", number.removeprefix("+"))
        if not (digits.isascii() and digits.isdigit()):
            return None
        found = digits if is_whole else self._national(digits)
        # "+62 0812 ..." and "+62 (0) 812 ...": the trunk prefix does not belong there.
        if found is not None and found.startswith(f"{self.country_code}0"):
            found = self.country_code + found[len(self.country_code) :].lstrip("0")
        if found is None or found.startswith("0") or not _SHORTEST <= len(found) <= _LONGEST:
            return None
        return f"+{found}"

    def _national(self, digits: str) -> str | None:
        if digits.startswith("00"):
            return digits[2:]
        if digits.startswith("0"):
            return self.country_code + digits[1:]
        if len(digits) in _LOCAL:
            return None if self.area_code is None else self.country_code + self.area_code + digits
        if digits.startswith(self.country_code) and len(digits) >= len(self.country_code) + _SHORTEST:
            return digits
        return self.country_code + digits if len(digits) >= _SHORTEST_MOBILE else None
