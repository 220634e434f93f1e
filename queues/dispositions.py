"""What a call turned out to be, in the words that Indonesian 112 centres count by, and what it is by default.

A person has the last word. A machine says no more than it can know: that a call was answered, broke off, or
was a test. It never calls one a ghost or a prank.
"""

from __future__ import annotations

from enum import StrEnum


class Disposition(StrEnum):
    """What a call turned out to be."""

    NORMAL = "normal"
    """An emergency, or what its caller took for one."""
    GHOST = "ghost"
    """Nobody spoke, pressed a key or tapped, and a person is sure of it."""
    PRANK = "prank"
    INFORMASI = "informasi"
    """A question."""
    TERPUTUS = "terputus"
    """It broke off before anybody could know."""
    UJI_COBA = "uji_coba"
    """A test."""
    LUAR_WILAYAH = "luar_wilayah"
    """Another city's."""


def by_default(*, was_answered: bool, is_test: bool = False) -> Disposition:
    """Return what a call is until a person has said it."""
    if is_test:
        return Disposition.UJI_COBA
    return Disposition.NORMAL if was_answered else Disposition.TERPUTUS
