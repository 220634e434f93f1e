"""What a call leaves behind, kept on this machine's disk until the dashboards have it.

A call's events are written to the journal and synced before the call goes on, then sent, in order,
until the dashboards say that they are stored. Killing either side loses nothing: the journal is
read again at start, and an event that is sent twice is stored once.
"""

from ari_app.outbox.journal import Journal, JournalUnusable
from ari_app.outbox.outbox import CallEvent, Outbox
from ari_app.outbox.sender import Sender

__all__ = ["CallEvent", "Journal", "JournalUnusable", "Outbox", "Sender"]
