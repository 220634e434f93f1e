"""Passwords, kept as Argon2id (RFC 9106), and never more than two worked on at once."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's least costly recommendation; about 30 ms, in a thread.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """Return what to keep of a password."""
    return _HASHER.hash(password)


def generate() -> str:
    """Return a password that nobody has used before."""
    return secrets.token_urlsafe(12)


class Verifier:
    """Checks passwords without holding up anything else."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(2)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. An unknown user takes as long as a known one."""
        async with self._turns:
            return await asyncio.to_thread(_verify, password_hash or _NOBODY, password) and bool(
                password_hash
            )


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
