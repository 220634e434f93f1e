"""SIP messages: where the caller is, by value and by reference (RFC 6442), and more (RFC 7852)."""

from suar.location.sip.cells import HEADERS as NETWORK_HEADERS
from suar.location.sip.cells import read_cells, read_header
from suar.location.sip.message import looks_like
from suar.location.sip.reader import read

__all__ = ["NETWORK_HEADERS", "looks_like", "read", "read_cells", "read_header"]
