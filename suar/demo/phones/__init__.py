"""Robot phones: SIPp does the SIP, a small RTP peer the voice, so that what is heard can be measured."""

from suar.demo.phones.caller import Caller, CallerReport
from suar.demo.phones.operator import OperatorCall, OperatorPhone, OperatorPool
from suar.demo.phones.peer import RtpPeer
from suar.demo.phones.sipp import PhoneFailed

__all__ = [
    "Caller",
    "CallerReport",
    "OperatorCall",
    "OperatorPhone",
    "OperatorPool",
    "PhoneFailed",
    "RtpPeer",
]
