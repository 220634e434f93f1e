"""Users: added, listed, switched on and off."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel
from sqlmodel import Session, select

from dashboards.errors import BodyInvalid, NotFound
from dashboards.models import Session as SessionRow
from dashboards.models import User
from suar.city import City

_NAME = re.compile(r"^[a-z][a-z0-9.-]{0,30}$")
_SHORTEST = 10
_LONGEST = 256


class Role(StrEnum):
    """What somebody may do."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AGENCY = "agency"
    WALL = "wall"
    """A screen on a wall: it reads one page and does nothing else."""


class UserView(BaseModel):
    """A user, as others may see her."""

    name: str
    role: Role
    agency: str | None
    is_enabled: bool
    created_at: datetime


def add(
    session: Session, city: City, name: str, role: str, agency: str | None, password_hash: str, now: datetime
) -> UserView:
    """Add a user. An operator's name is her id in the city file. Raises BodyInvalid, naming the field."""
    if not _NAME.match(name):
        raise BodyInvalid("small letters, digits, dots and dashes, starting with a letter", "name")
    if role not in set(Role):
        raise BodyInvalid(f"one of {', '.join(Role)}", "role")
    if role == Role.OPERATOR and city.operator(name) is None:
        known = ", ".join(operator.id for operator in city.operators) or "none yet"
        raise BodyInvalid(f"the city file has no operator {name!r} (it has: {known}); add her there", "name")
    if (role == Role.AGENCY) != (agency is not None):
        raise BodyInvalid("an agency's desk has an agency, and nobody else has one", "agency")
    if agency is not None and city.agency(agency) is None:
        raise BodyInvalid(f"one of {', '.join(one.id for one in city.agencies)}", "agency")
    if session.exec(select(User).where(User.name == name)).first():
        raise BodyInvalid(f"there is a user {name!r} already", "name")
    user = User(name=name, role=role, agency=agency, password_hash=password_hash, created_at=now)
    session.add(user)
    session.flush()
    return UserView.model_validate(user, from_attributes=True)


def check_password(password: str) -> None:
    """Raise BodyInvalid for a password that is too short, or absurdly long."""
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise BodyInvalid(f"{_SHORTEST} to {_LONGEST} characters", "password")


def list_users(session: Session) -> list[UserView]:
    """Return everybody, by name."""
    users = session.exec(select(User).order_by(User.name)).all()
    return [UserView.model_validate(user, from_attributes=True) for user in users]


def set_enabled(session: Session, name: str, is_enabled: bool) -> None:
    """Switch a user on or off; who is switched off is signed out everywhere."""
    user = session.exec(select(User).where(User.name == name)).first()
    if user is None:
        raise NotFound(f"there is no user {name}")
    user.is_enabled = is_enabled
    if not is_enabled:
        for row in session.exec(select(SessionRow).where(SessionRow.user_id == user.id)).all():
            session.delete(row)
