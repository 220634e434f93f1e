"""AML by HTTPS: the form fields that a phone posts, and their HMAC (ETSI TS 103 625)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import datetime
from urllib.parse import parse_qsl

from suar.location.aml.fields import Fields, to_reading, told
from suar.location.claim import Identity, Motion
from suar.location.faults import Fault
from suar.location.flags import Flag
from suar.location.notes import Notes
from suar.location.numbers import read_number
from suar.location.pidf_lo.properties import check_confidence, percent, read_method
from suar.location.reading import Reading
from suar.location.times import from_epoch, note_future

MOST_FIELDS = 200
MOST_CHARACTERS = 64 * 1024
_KNOWN = {
    "v", "emergency_number", "source", "thunderbird_version", "time", "gt_location_latitude",
    "gt_location_longitude", "location_latitude", "location_longitude", "location_time", "location_altitude",
    "location_floor", "location_source", "location_accuracy", "location_vertical_accuracy",
    "location_confidence", "location_certainty", "location_bearing", "location_speed", "device_number",
    "device_model", "device_imsi", "device_imei", "device_iccid", "device_os", "device_languages",
    "cell_carrier",
    "cell_id", "cell_home_mcc", "cell_home_mnc", "cell_network_mcc", "cell_network_mnc", "adr_carcrash_time",
    "hmac",
}  # fmt: skip
_TELLING = re.compile(
    r"""(?:^|[&?\s{,"'])(?:location_(?:latitude|longitude|time)|device_(?:number|imsi|imei)|emergency_number)["']?\s*[=:]""",
    re.IGNORECASE,
)


def is_authentic(body: bytes, key: bytes) -> bool:
    """Whether the body ends in the HMAC-SHA1, in hex, of everything before ``&hmac=``, made with the key."""
    message, separator, told = body.strip().rpartition(b"&hmac=")
    if not separator:
        return False
    made = hmac.new(key, message, hashlib.sha1).hexdigest().encode()
    return hmac.compare_digest(made, told.strip().lower())


def looks_like(text: str) -> bool:
    """Whether it is the form of an AML message."""
    return _TELLING.search(text[:2_000]) is not None


def read_form(text: str, received_at: datetime, notes: Notes) -> Reading:
    """Read the form, URL-encoded or as a JSON object of the same names."""
    values = _values(text[:MOST_CHARACTERS], notes)
    fields = Fields(
        latitude=_coordinate(values, "location_latitude", notes),
        longitude=_coordinate(values, "location_longitude", notes),
        radius_m=_number(values, "location_accuracy", Flag.RADIUS_UNUSABLE, notes),
        altitude_m=_number(values, "location_altitude", Flag.ALTITUDE_UNUSABLE, notes),
        vertical_m=_number(values, "location_vertical_accuracy", Flag.ALTITUDE_UNUSABLE, notes),
        confidence=_confidence(values, notes),
        floor=(values.get("location_floor") or "")[:40] or None,
        fix_at=_time(values, "location_time", received_at, notes),
        call_started_at=_time(values, "time", received_at, Notes()),
        emergency_number=(values.get("emergency_number") or "")[:32] or None,
        identity=_identity(values),
        motion=_motion(values, notes),
    )
    source = values.get("location_source", "").lower()
    fields.method = None if source in {"", "unknown"} else read_method(source, notes)
    if "gt_location_latitude" in values or "gt_location_longitude" in values:
        notes.flag(Flag.AML_TEST)
    if "hmac" in values:
        notes.flag(Flag.AML_NOT_AUTHENTICATED)
    crash = _time(values, "adr_carcrash_time", received_at, Notes())
    if crash is not None:
        notes.flag(Flag.AML_CAR_CRASH)
        fields.more["car_crash_at"] = crash.isoformat()
    if values.get("v"):
        fields.more["aml_version"] = values["v"][:10]
    if values.get("source"):
        fields.more["started_by"] = values["source"].lower()[:10]
    return to_reading("aml-https", fields, received_at, notes)


def _values(text: str, notes: Notes) -> dict[str, str]:
    pairs: list[tuple[str, str]]
    if text.lstrip().startswith("{"):
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = None
        pairs = [(str(key), str(value)) for key, value in told.items()] if isinstance(told, dict) else []
        if not pairs:
            notes.fault(Fault.POSITION_UNUSABLE, "The JSON of the AML message cannot be read.")
    else:
        body = text.strip().lstrip("?")
        pairs = []
        if body.count("&") < MOST_FIELDS:
            pairs = parse_qsl(body, keep_blank_values=True, errors="replace")
    values: dict[str, str] = {}
    for key, value in pairs[:MOST_FIELDS]:
        name = key.strip().lower()
        if name not in _KNOWN:
            notes.flag(Flag.AML_KEY_UNKNOWN)
        elif name in values:
            notes.flag(Flag.AML_KEY_REPEATED)
        elif value.strip() and value not in {"None", "null"}:
            # A plus that was not encoded has become a space: only the number's is missed.
            values[name] = (
                f"+{value.strip()}" if name == "device_number" and value[0] == " " else value.strip()
            )
    return values


def _coordinate(values: dict[str, str], name: str, notes: Notes) -> float | None:
    text = told(values.get(name))
    if text is None:
        return None
    number = read_number(text, notes)
    if number is None:
        notes.flag(Flag.AML_DAMAGED)
        notes.fault(Fault.POSITION_UNUSABLE, f"{name} is not a number.")
    return number


def _number(values: dict[str, str], name: str, flag: Flag, notes: Notes) -> float | None:
    text = told(values.get(name))
    if text is None:
        return None
    number = read_number(text, notes)
    if number is None:
        notes.flag(flag)
    return number


def _confidence(values: dict[str, str], notes: Notes) -> float | None:
    """``location_confidence`` is a fraction; ``location_certainty``, which came before it, a percentage."""
    if "location_confidence" in values:
        number = read_number(values["location_confidence"], notes)
        if number is not None and 0 < number <= 1:
            return percent(number, notes)
        if number is not None and 1 < number <= 100:
            notes.flag(Flag.CONFIDENCE_PERCENT)
            return number
        notes.flag(Flag.CONFIDENCE_UNUSABLE)
        return None
    if "location_certainty" in values:
        notes.flag(Flag.AML_OLD_FIELD)
        return check_confidence(read_number(values["location_certainty"], notes), notes)
    return None


def _time(values: dict[str, str], name: str, received_at: datetime, notes: Notes) -> datetime | None:
    if name not in values:
        return None
    number = read_number(values[name], notes)
    if number is not None and number < 1e11:
        notes.flag(Flag.TIME_SPELLING)
        number *= 1000
    found = None if number is None else from_epoch(number / 1000)
    if found is None:
        notes.flag(Flag.TIME_UNUSABLE)
    else:
        note_future(found, received_at, notes)
    return found


def _motion(values: dict[str, str], notes: Notes) -> Motion | None:
    speed = _number(values, "location_speed", Flag.MOTION_UNUSABLE, notes)
    heading = _number(values, "location_bearing", Flag.MOTION_UNUSABLE, notes)
    if speed is not None and not 0 <= speed <= 1_000:
        notes.flag(Flag.MOTION_UNUSABLE)
        speed = None
    if heading is not None and not -360 <= heading <= 360:
        notes.flag(Flag.MOTION_UNUSABLE)
        heading = None
    if speed is None and heading is None:
        return None
    return Motion(speed, None if heading is None else heading % 360)


def _identity(values: dict[str, str]) -> Identity:
    return Identity(
        number=_cut(values, "device_number"),
        imsi=_cut(values, "device_imsi"),
        imei=_cut(values, "device_imei"),
        iccid=_cut(values, "device_iccid"),
        model=_cut(values, "device_model"),
        home_network=_network(values, "home"),
        serving_network=_network(values, "network"),
        languages=tuple(word for word in re.split(r"[,\s]+", values.get("device_languages", "")) if word)[:8],
    )


def _network(values: dict[str, str], which: str) -> str | None:
    code, network = values.get(f"cell_{which}_mcc", ""), values.get(f"cell_{which}_mnc", "")
    return f"{code}-{network.zfill(2)}" if re.fullmatch(r"[0-9]{3}[0-9]{1,3}", code + network) else None


def _cut(values: dict[str, str], name: str) -> str | None:
    return values.get(name, "")[:64] or None
