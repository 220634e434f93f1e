"""Where a caller is, as strangers' documents say it: SIP messages, PIDF-LO, HELD and AML.

``read(data, received_at)`` is the whole of it: pure, never raises, and never makes a place up.
"""

from suar.location.book import Book, News
from suar.location.claim import Claim, Identity, Motion, UsageRules
from suar.location.detection import read
from suar.location.faults import Fault, Problem
from suar.location.flags import Flag, Weight
from suar.location.meanings import meaning
from suar.location.ranking import Change
from suar.location.reading import AdditionalData, Reading, Reference
from suar.location.restoring import ClaimInvalid, claim_from, reading_from

__all__ = [
    "AdditionalData",
    "Book",
    "Change",
    "Claim",
    "ClaimInvalid",
    "Fault",
    "Flag",
    "Identity",
    "Motion",
    "News",
    "Problem",
    "Reading",
    "Reference",
    "UsageRules",
    "Weight",
    "claim_from",
    "meaning",
    "read",
    "reading_from",
]
