"""Where a caller is, as strangers' documents say it: SIP messages, PIDF-LO, HELD and AML.

``read(data, received_at)`` is the whole of it: pure, never raises, and never makes a place up.
"""

from suar.location.claim import Claim, Identity, Motion, UsageRules
from suar.location.detection import read
from suar.location.faults import Fault, Problem
from suar.location.flags import Flag, Weight
from suar.location.meanings import meaning
from suar.location.reading import AdditionalData, Reading, Reference

__all__ = [
    "AdditionalData",
    "Claim",
    "Fault",
    "Flag",
    "Identity",
    "Motion",
    "Problem",
    "Reading",
    "Reference",
    "UsageRules",
    "Weight",
    "meaning",
    "read",
]
