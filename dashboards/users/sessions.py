"""Who is signed in: rows in the database, so that a session can be ended from here."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from dashboards.models import Session as SessionRow
from dashboards.models import User
from dashboards.users.service import Role

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=14)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sends a request."""

    user_id: int
    name: str
    role: Role
    agency: str | None
    language: str
    is_stale: bool = False
    """Whether it should be noted again that she was seen."""


def begin(session: Session, user: User, language: str, now: datetime) -> str:
    """Sign a user in; return the token for her cookie."""
    token = secrets.token_urlsafe(32)
    row = SessionRow(
        token_hash=_hash(token), user_id=user.id or 0, language=language, created_at=now, seen_at=now
    )
    session.add(row)
    return token


def find(session: Session, token: str, now: datetime, seen_at: datetime | None = None) -> SignedIn | None:
    """Return whose token this is, if she is still signed in.

    ``seen_at`` is when she was last seen, where that is known and could not be written to her row.
    """
    row = session.get(SessionRow, _hash(token))
    if row is None:
        return None
    user = session.get(User, row.user_id)
    seen_at = max(row.seen_at, seen_at or row.seen_at)
    if user is None or not user.is_enabled:
        return None
    # Nobody stands at a wall to sign in again; it can read and no more.
    is_over = now - seen_at > IDLE or now - row.created_at > LONGEST
    if is_over and user.role != Role.WALL:
        return None
    is_stale = now - seen_at > _SEEN_EVERY
    return SignedIn(row.user_id, user.name, Role(user.role), user.agency, row.language, is_stale)


def touch(session: Session, token: str, now: datetime) -> None:
    """Note that somebody is still there, and forget sessions that have ended by themselves."""
    if row := session.get(SessionRow, _hash(token)):
        row.seen_at = now
    walls = select(User.id).where(User.role == Role.WALL)
    ended = col(SessionRow.seen_at) < now - IDLE
    for old in session.exec(select(SessionRow).where(ended, col(SessionRow.user_id).not_in(walls))).all():
        session.delete(old)


def end(session: Session, token: str) -> None:
    """Sign out."""
    if row := session.get(SessionRow, _hash(token)):
        session.delete(row)


def set_language(session: Session, token: str, language: str) -> None:
    """Choose the language of the pages."""
    if row := session.get(SessionRow, _hash(token)):
        row.language = language


def user_named(session: Session, name: str) -> User | None:
    """Return a user who may sign in."""
    user = session.exec(select(User).where(User.name == name)).first()
    return user if user and user.is_enabled else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Throttle:
    """Counts failures for each key: after ``limit`` within ``window_s`` no more attempts for a while."""

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._failures: defaultdict[str, deque[float]] = defaultdict(deque)

    def is_closed(self, key: str, now: float) -> bool:
        """Whether there were too many failures lately."""
        failures = self._failures[key]
        while failures and now - failures[0] > self._window_s:
            failures.popleft()
        if not failures:
            del self._failures[key]
        return len(failures) >= self._limit

    def note_failure(self, key: str, now: float) -> None:
        self._failures[key].append(now)
