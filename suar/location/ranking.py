"""Which claim to go by, and why, in words; and when a caller's place has changed. Pure: told the time.

By expected error: how far from the shown point the caller may be by now. It is the claim's radius,
widened to 95 % confidence, plus how far one gets since the fix, times what its source and its doubts make of
it. Every factor is in ``reasons``: whoever disagrees with the order can see where. Of two that are
equally good the younger comes first: she may have moved.

What the operator was told comes first, and before it only what lies wholly inside it: she has asked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

from suar.location.claim import Claim
from suar.location.flags import Flag, Weight
from suar.location.geodesy import distance_m
from suar.location.meanings import MEANINGS

USUAL_CONFIDENCE = 95.0
"""Percent: what a radius without a confidence is taken for (RFC 7459, section 4)."""
UNSTATED_RADIUS_M = {
    "manual": 100.0,
    "gnss": 50.0,
    "gps": 50.0,
    "wifi": 100.0,
    "802.11": 100.0,
    "cell": 3_000.0,
}
"""What a place without a radius is taken for here, by its method, only to put it in order; never shown."""
UNSTATED_OTHER_M = 1_000.0
ADDRESS_M = {
    "HNO": 50.0,
    "LMK": 200.0,
    "NAM": 100.0,
    "RD": 1_000.0,
    "A6": 1_000.0,
    "A5": 2_000.0,
    "A4": 3_000.0,
}
"""How far an address leads by itself, by its finest part."""
ADDRESS_OTHER_M = 20_000.0
WALKING_MPS = 1.5
"""How fast a caller who says nothing of her speed is taken to move."""
UNSTATED_AGE = timedelta(minutes=1)
"""How old a fix without a time is taken to have been when it came."""
OLDEST = timedelta(minutes=30)
"""An older fix is of another situation: it comes after every younger one."""
OPERATOR = "operator"
"""The source of a claim that an operator makes: she has asked the caller."""
TRUNK = "carrier"
"""The source of what a trunk alone says: it is of nobody in particular, and beats no fix, however old."""
TRUST = {
    OPERATOR: 1.0,
    "aml-https": 1.0,
    "aml-sms": 1.0,
    "link": 1.0,
    "held": 1.2,
    "pidf-lo": 1.2,
    "ali": 1.2,
}
OTHER_TRUST = 2.0
DOUBT = 1.5
"""How much less good each doubtful flag makes a claim."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that decided, in both languages."""

    code: str
    indonesian: str
    english: str

    def text(self, language: Literal["id", "en"]) -> str:
        """The sentence."""
        return self.indonesian if language == "id" else self.english


_UNDATED = Reason("age-unknown", "Waktu penentuan lokasi tidak diketahui.", "When it was found is not known.")
_YOUNGER = Reason(
    "younger", "Yang terbaru dari yang sama baiknya.", "The latest of those that are equally good."
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A claim at its place in the order; ``expected_error_m`` is what the order is by, and not a radius."""

    claim: Claim
    expected_error_m: float
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is shown."""
        return {
            "claim": self.claim.as_json(),
            "expected_error_m": self.expected_error_m,
            "reasons": [{"code": why.code, "id": why.indonesian, "en": why.english} for why in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Change:
    """The best claim is another than before: shown as a change, never silently replaced."""

    old: Claim
    new: Claim
    distance_m: float | None
    """Between the two shown points; None where one is an address alone."""
    is_alarm: bool
    """Whether they cannot both be right: the circles do not touch, and nobody gets that far in the time."""
    reason: Reason

    def as_json(self) -> dict[str, Any]:
        """As it is kept and shown."""
        return {
            "old": self.old.as_json(),
            "new": self.new.as_json(),
            "distance_m": None if self.distance_m is None else round(self.distance_m, 1),
            "is_alarm": self.is_alarm,
            "reason": {
                "code": self.reason.code,
                "id": self.reason.indonesian,
                "en": self.reason.english,
            },
        }


def rank(claims: Sequence[Claim], now: datetime) -> list[Ranked]:
    """Return the usable claims, the best first; of equals the youngest, and then the one that came first."""
    usable = [_judge(claim, now) for claim in claims if claim.is_usable]
    told = next((claim for claim in reversed(claims) if claim.is_usable and claim.source == OPERATOR), None)

    def place(one: Ranked) -> tuple[bool, int, float]:
        is_hers = told is not None and (one.claim is told or _lies_in(one.claim, told))
        tier = 2 if one.claim.source == TRUNK else int(_age(one.claim, now) > OLDEST)
        return not is_hers, tier, one.expected_error_m

    def freshness(one: Ranked) -> tuple[timedelta, timedelta]:
        return _age(one.claim, now), now - one.claim.received_at

    order = sorted(((place(one), freshness(one), one) for one in usable), key=lambda one: one[:2])
    ranked = [one for _, _, one in order]
    for index, ((here, fresh, one), (there, stale, _)) in enumerate(pairwise(order)):
        if here == there and fresh < stale:
            ranked[index] = replace(one, reasons=(*one.reasons, _YOUNGER))
    return ranked


def compare(old: Claim, new: Claim) -> Change | None:
    """Return what changed between the best claim before and now; None if it is the same place."""
    if (old.shape, old.civic) == (new.shape, new.civic):
        return None
    places = (old.latitude, old.longitude, new.latitude, new.longitude)
    if None in places:
        reason = Reason(
            "place-changed", "Lokasi terbaik berganti bentuk.", "The best location is of another form."
        )
        return Change(old, new, None, False, reason)
    distance = distance_m(*(place for place in places if place is not None))
    reach = _radius_m(old)[0] + _radius_m(new)[0] + _travelled_m(old, new)
    far, near = _metres(distance)
    if _lies_in(new, old):
        told, said = _metres(_radius_m(new)[0])
        reason = Reason(
            "refined",
            f"Lokasi kini lebih teliti: dalam {told}.",
            f"The location is more exact: within {said}.",
        )
        return Change(old, new, distance, False, reason)
    if distance > reach:
        reason = Reason(
            "drift-alarm",
            f"Lokasi berpindah {far}: lebih jauh dari yang mungkin. Tanyakan lokasi kepada pelapor.",
            f"The location moved by {near}: further than it can be. Ask the caller where she is.",
        )
        return Change(old, new, distance, True, reason)
    reason = Reason("moved", f"Lokasi berpindah {far}.", f"The location moved by {near}.")
    return Change(old, new, distance, False, reason)


def _lies_in(claim: Claim, wider: Claim) -> bool:
    """Whether a claim's whole circle lies in another's, which says how wide it is."""
    if claim.shape is None or wider.shape is None or wider.uncertainty_m is None:
        return False
    here, there = claim.shape.representative, wider.shape.representative
    distance = distance_m(here.latitude, here.longitude, there.latitude, there.longitude)
    return distance + _radius_m(claim)[0] < wider.uncertainty_m


def _judge(claim: Claim, now: datetime) -> Ranked:
    radius, reasons = _radius_m(claim)
    age = _age(claim, now)
    error = radius + _speed_mps(claim) * age.total_seconds()
    reasons.append(_told_age(age) if _is_dated(claim) else _UNDATED)
    trust = TRUST.get(claim.source, OTHER_TRUST)
    error *= trust
    if trust >= OTHER_TRUST:
        reasons.append(
            Reason("source-weak", f"Sumber: {claim.source}, perkiraan.", f"Source: {claim.source}, presumed.")
        )
    elif claim.source == OPERATOR:
        reasons.append(
            Reason("source-operator", "Ditetapkan operator.", "Chosen by the operator, who has asked.")
        )
    elif trust == 1.0:
        reasons.append(
            Reason("source-phone", "Dikirim oleh ponsel pelapor.", "Sent by the caller's own phone.")
        )
    else:
        reasons.append(Reason("source-network", "Dikirim oleh jaringan.", "Sent by the network."))
    if claim.method:
        reasons.append(Reason("method", f"Cara: {claim.method}.", f"Method: {claim.method}."))
    for flag in claim.flags:
        meaning = MEANINGS.get(Flag(flag)) if flag in set(Flag) else None
        if meaning is not None and meaning.weight is Weight.DOUBT:
            error *= DOUBT
            reasons.append(Reason(flag, meaning.indonesian, meaning.english))
    return Ranked(claim, round(error, 1), tuple(reasons))


def _radius_m(claim: Claim) -> tuple[float, list[Reason]]:
    """How far off the shown point is, by what is stated and else by what such a claim is like."""
    if claim.shape is None:
        error = min(
            (reach for part, reach in ADDRESS_M.items() if part in claim.civic), default=ADDRESS_OTHER_M
        )
        return error, [Reason("address", "Alamat, tanpa koordinat.", "An address, without coordinates.")]
    stated = claim.uncertainty_m
    if stated is None:
        error = UNSTATED_RADIUS_M.get((claim.method or "").lower(), UNSTATED_OTHER_M)
        return error, [
            Reason(
                "uncertainty-unknown", "Ketidakpastian tidak disebutkan.", "It does not say how sure it is."
            )
        ]
    error = stated * _widening(claim.confidence, claim.confidence_pdf)
    told, said = _metres(stated)
    sure = f" ({claim.confidence:g} %)" if claim.confidence is not None else ""
    return error, [Reason("uncertainty", f"Dalam {told}{sure}.", f"Within {said}{sure}.")]


def _widening(confidence: float | None, spread: str | None) -> float:
    """What a radius has to be multiplied by to hold 95 %, in the plane (RFC 7459, section 5.4).

    An error is taken for a normal one, unless it is said to be as likely anywhere in the shape.
    """
    if confidence is None or confidence >= USUAL_CONFIDENCE:
        return 1.0
    fraction, usual = max(confidence, 1.0) / 100, USUAL_CONFIDENCE / 100
    if spread == "rectangular":
        return math.sqrt(usual / fraction)
    return math.sqrt(math.log(1 - usual) / math.log(1 - fraction))


def _is_dated(claim: Claim) -> bool:
    """Whether it says when it was found; a time in the future says nothing."""
    return claim.fix_at is not None and Flag.TIME_IN_FUTURE not in claim.flags


def _age(claim: Claim, now: datetime) -> timedelta:
    """The age of the fix: of one without a time, since when it came, and a little before."""
    if claim.fix_at is None or not _is_dated(claim):
        return max(timedelta(), now - claim.received_at) + UNSTATED_AGE
    return max(timedelta(), now - claim.fix_at)


def _speed_mps(claim: Claim) -> float:
    stated = claim.motion.speed_mps if claim.motion is not None else None
    return WALKING_MPS if stated is None else max(WALKING_MPS, stated)


def _travelled_m(old: Claim, new: Claim) -> float:
    before, after = old.fix_at or old.received_at, new.fix_at or new.received_at
    return max(_speed_mps(old), _speed_mps(new)) * abs((after - before).total_seconds())


def _told_age(age: timedelta) -> Reason:
    seconds = int(age.total_seconds())
    if age > OLDEST:
        minutes = seconds // 60
        return Reason("old", f"Sudah lama: {minutes} menit yang lalu.", f"Old: found {minutes} minutes ago.")
    return Reason("age", f"{seconds} detik yang lalu.", f"Found {seconds} seconds ago.")


def _metres(distance: float) -> tuple[str, str]:
    """In Indonesian, with its decimal comma, and in English."""
    if distance < 1_000:
        return f"{distance:.0f} m", f"{distance:.0f} m"
    kilometres = f"{distance / 1000:.1f}"
    return f"{kilometres.replace('.', ',')} km", f"{kilometres} km"
