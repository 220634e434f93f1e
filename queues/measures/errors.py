"""What can be wrong with the records that are measured."""

from __future__ import annotations

from queues.errors import QueuesError


class RecordUnusable(QueuesError):
    """A record whose time cannot be read: the message names the call and the field."""
