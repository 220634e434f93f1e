"""Callers who hung up before anybody spoke to them and ring again: their place and incident are kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from ari_app.calls.call import presented


@dataclass(slots=True)
class Redials:
    """Who hung up lately, by a token that says nothing of her to whoever does not have our key."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _left: dict[str, tuple[str, float]] = field(default_factory=dict)

    def token(self, number: str | None) -> str:
        """Return what stands for a caller's number; "" where there is none to know her by."""
        if number is None or presented(number, "") != "allowed":
            return ""
        return hmac.new(self.key, number.encode(), hashlib.sha256).hexdigest()[:16]

    def note_left(self, call_id: str, number: str | None, now: float) -> None:
        """A caller has hung up, and nobody had spoken to her."""
        if token := self.token(number):
            self._left.pop(token, None)
            self._left[token] = (call_id, now)

    def take_earlier(self, number: str | None, now: float, within_s: float) -> str | None:
        """Return the call of hers that this one goes on with, once; None if there is none so soon before."""
        while self._left and next(iter(self._left.values()))[1] + within_s < now:
            del self._left[next(iter(self._left))]
        found = self._left.pop(self.token(number), None)
        return found[0] if found else None
