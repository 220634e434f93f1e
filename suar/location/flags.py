"""The named flags: every liberty that a reader takes, and all about a claim that is not as it should be.

``docs/location.md`` has the same table; a test holds them equal.
"""

from __future__ import annotations

from enum import Enum, StrEnum


class Weight(Enum):
    """How much a flag matters to whoever believes the claim."""

    NOTE = "note"
    """The document is allowed to be so."""
    FORGIVEN = "forgiven"
    """It is not allowed to be so, and there is only one thing that it can mean."""
    DOUBT = "doubt"
    """Something was assumed or is missing: look twice."""


class Flag(StrEnum):
    """A flag's code. It never changes its meaning: claims are kept."""

    # How the document is written.
    BYTE_ORDER_MARK = "byte-order-mark"
    ENCODING_WRONG = "encoding-wrong"
    CONTROL_CHARACTERS = "control-characters"
    SPACE_BEFORE_DOCUMENT = "space-before-document"
    JUNK_AFTER_DOCUMENT = "junk-after-document"
    BARE_AMPERSAND = "bare-ampersand"
    XML_BROKEN_OFF = "xml-broken-off"
    DECODED_HEX = "decoded-hex"
    DECODED_BASE64 = "decoded-base64"
    DECODED_SEPTETS = "decoded-septets"
    # How the elements are named and nested.
    NAMESPACE_MISSING = "namespace-missing"
    NAMESPACE_UNDECLARED = "namespace-undeclared"
    NAMESPACE_WRONG = "namespace-wrong"
    NAMESPACE_OLD = "namespace-old"
    ELEMENT_CASE = "element-case"
    STRUCTURE_UNUSUAL = "structure-unusual"
    BARE_LOCATION = "bare-location"
    COMPOUND = "compound"
    SEVERAL_LOCATIONS = "several-locations"
    # The coordinates.
    COMMA_IN_POSITION = "comma-in-position"
    DECIMAL_COMMA = "decimal-comma"
    SPACE_IN_NUMBER = "space-in-number"
    DEGREES_MINUTES_SECONDS = "degrees-minutes-seconds"
    GML_COORDINATES = "gml-coordinates"
    LAT_LON_SWAPPED = "lat-lon-swapped"
    LONGITUDE_FIRST = "longitude-first"
    LONGITUDE_WRAPPED = "longitude-wrapped"
    SRS_MISSING = "srs-missing"
    SRS_SPELLING = "srs-spelling"
    SRS_DIMENSION = "srs-dimension"
    SRS_NEAR_WGS84 = "srs-near-wgs84"
    WHOLE_DEGREES = "whole-degrees"
    # The shapes.
    UOM_MISSING = "uom-missing"
    UOM_SPELLING = "uom-spelling"
    UOM_CONVERTED = "uom-converted"
    UOM_WRONG = "uom-wrong"
    RADIUS_UNUSABLE = "radius-unusable"
    RADIUS_ZERO = "radius-zero"
    AXES_SWAPPED = "axes-swapped"
    AXIS_MISSING = "axis-missing"
    ANGLE_MISSING = "angle-missing"
    ANGLE_WRAPPED = "angle-wrapped"
    BAND_SIMPLIFIED = "band-simplified"
    RING_OPEN = "ring-open"
    RING_CLOCKWISE = "ring-clockwise"
    RING_UNLEVEL = "ring-unlevel"
    RING_POINT_REPEATED = "ring-point-repeated"
    INTERIOR_IGNORED = "interior-ignored"
    HEIGHT_UNUSABLE = "height-unusable"
    ALTITUDE_UNUSABLE = "altitude-unusable"
    # What is said about the place.
    CIVIC_UNKNOWN_ELEMENT = "civic-unknown-element"
    CIVIC_COUNTRY = "civic-country"
    CIVIC_COUNTRY_ONLY = "civic-country-only"
    CIVIC_REPEATED = "civic-repeated"
    CIVIC_TOO_LONG = "civic-too-long"
    CONFIDENCE_FRACTION = "confidence-fraction"
    CONFIDENCE_PERCENT = "confidence-percent"
    CONFIDENCE_UNUSABLE = "confidence-unusable"
    METHOD_UNKNOWN = "method-unknown"
    TIME_MISSING = "time-missing"
    TIME_UNUSABLE = "time-unusable"
    TIME_SPELLING = "time-spelling"
    TIME_ZONE_MISSING = "time-zone-missing"
    TIME_IN_FUTURE = "time-in-future"
    RETENTION_EXPIRED = "retention-expired"
    MOTION_UNUSABLE = "motion-unusable"
    RULES_UNUSABLE = "rules-unusable"
    # SIP.
    LINE_ENDINGS = "line-endings"
    INDENTED_MESSAGE = "indented-message"
    HEADER_UNUSABLE = "header-unusable"
    BARE_URI = "bare-uri"
    CID_UNRESOLVED = "cid-unresolved"
    CID_SPELLING = "cid-spelling"
    NOT_REFERENCED = "not-referenced"
    MULTIPART_UNCLOSED = "multipart-unclosed"
    CONTENT_TYPE_WRONG = "content-type-wrong"
    CONTENT_LENGTH_WRONG = "content-length-wrong"
    ROUTING_NOT_ALLOWED = "routing-not-allowed"
    # Cells.
    CELL_NOT_CONFIRMED = "cell-not-confirmed"
    # AML.
    AML_DAMAGED = "aml-damaged"
    AML_LENGTH_WRONG = "aml-length-wrong"
    AML_HEADER_MISSING = "aml-header-missing"
    AML_KEY_UNKNOWN = "aml-key-unknown"
    AML_KEY_REPEATED = "aml-key-repeated"
    AML_OLD_FIELD = "aml-old-field"
    AML_TEST = "aml-test"
    AML_NOT_AUTHENTICATED = "aml-not-authenticated"
    AML_CAR_CRASH = "aml-car-crash"
    # HELD.
    LOCATION_URI_EXPIRED = "location-uri-expired"
