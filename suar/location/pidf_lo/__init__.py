"""PIDF-LO: a location object in a presence document (RFC 4119, 5139, 5491, 5962, 6848, 7459)."""

from suar.location.pidf_lo.presence import read, read_root

__all__ = ["read", "read_root"]
