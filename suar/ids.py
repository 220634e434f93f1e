"""Ids that tell what they name.

A call is named by the unique id of its caller's channel, which Asterisk mints as
``<node>-<seconds>.<count>`` (its ``systemname`` is the city's node). Everything that belongs to
the call takes the call's id and a suffix of its own kind, so that one glance at a log line tells
both::

    sby1-1763971200.12        the call, and the caller's channel
    sby1-1763971200.12-of2    the second offer of that call to an operator
    sby1-1763971200.12-op2    the operator's leg of that offer
    sby1-1763971200.12-py1    the leg of somebody who was called into the call
    sby1-1763971200.12-br1    a bridge
    sby1-1763971200.12-sd1    a bridge beside it, for what the caller need not hear
    sby1-1763971200.12-pb3    a playback
    sby1-1763971200.12-sl1    the leg of a supervisor who listens, whispers or barges in
    sby1-1763971200.12-sn1    what she hears the talk through
    sby1-1763971200.12-sb1    the bridge of these two

A call that we make has an id of ours too, ``sby1-1763971200.01230``.

Since we choose the ids, we can listen before we create, and a command that is sent twice does its
work once.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import NewType

CallId = NewType("CallId", str)

_OUTWARD = re.compile(r"^[a-z][a-z0-9]*-\d+\.0\d+$")
_OWNED = re.compile(r"^(?:o-)?(?P<call>[a-z][a-z0-9]*-\d+\.\d+)-(?P<kind>[a-z]{2})(?P<count>\d+)$")


class Kind(StrEnum):
    """What an id names, by its suffix."""

    OFFER = "of"
    OPERATOR_LEG = "op"
    PARTY = "py"
    SIDE = "sd"
    BRIDGE = "br"
    PLAYBACK = "pb"
    SUPERVISOR_LEG = "sl"
    SNOOP = "sn"
    SUPERVISION_BRIDGE = "sb"


def mint(call_id: str, kind: Kind, count: int) -> str:
    """Return the id of the call's ``count``-th thing of ``kind``.

    Asterisk takes no id that another one begins with, and the operator's leg of a call that we make is there
    before the far end's, which names the call: it has an ``o-`` before it.
    """
    head = "o-" if kind is Kind.OPERATOR_LEG and _OUTWARD.match(call_id) else ""
    return f"{head}{call_id}-{kind.value}{count}"


def mint_outward(node: str, now: datetime, count: int) -> CallId:
    """Return the id of a call that we make, as Asterisk's own but for a 0 with which it never counts."""
    return CallId(f"{node}-{int(now.timestamp())}.0{now.microsecond // 1000:03d}{count % 10}")


def call_of(owned_id: str) -> CallId | None:
    """Return the call that an id of ours belongs to, or None if the id is not one of ours."""
    found = _OWNED.match(owned_id)
    return CallId(found["call"]) if found else None


def count_of(owned_id: str) -> int:
    """Return which of its kind in its call an id of ours names; 0 if the id is not one of ours."""
    found = _OWNED.match(owned_id)
    return int(found["count"]) if found else 0


def kind_of(owned_id: str) -> Kind | None:
    """Return what kind of thing an id of ours names, or None if the id is not one of ours."""
    found = _OWNED.match(owned_id)
    if not found:
        return None
    try:
        return Kind(found["kind"])
    except ValueError:
        return None
