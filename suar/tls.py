"""Proving to a server who we are: TLS with a certificate of our own (RFC 8446, section 4.4.2)."""

from __future__ import annotations

import ssl

from suar.errors import Blame, SuarError


class CertificateUnusable(SuarError):
    """A certificate, or its key, cannot be read or used."""

    blame = Blame.HOST


def client_context(certificate: str, key: str = "", authorities: str = "") -> ssl.SSLContext:
    """Return what to connect with: files in PEM.

    Without ``key`` it is in the certificate's file; without ``authorities`` those of the system vouch for the
    server. Raises :class:`CertificateUnusable`.
    """
    try:
        context = ssl.create_default_context(cafile=authorities or None)
    except (OSError, ValueError) as error:
        raise CertificateUnusable(f"{authorities}: {_reason(error)}") from error
    try:
        # A key with a pass phrase would be asked for at a terminal that is not there.
        context.load_cert_chain(certificate, key or None, password=lambda: "")
    except (OSError, ValueError) as error:
        raise CertificateUnusable(f"{certificate}: {_reason(error)}") from error
    return context


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
