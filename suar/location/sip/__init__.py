"""SIP messages: where the caller is, by value and by reference (RFC 6442), and more (RFC 7852)."""

from suar.location.sip.message import looks_like
from suar.location.sip.reader import read

__all__ = ["looks_like", "read"]
