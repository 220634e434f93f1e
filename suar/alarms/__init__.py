"""What is wrong now, and what was: alarms of any process, kept on the disk and told to whoever has to know.

A process raises an alarm under a code and clears it when its cause is gone. `Alarms` has those that stand,
`History` keeps raising and clearing as events in a file, so that a restart forgets neither, and
`suar.alarms.webhook` tells an address of the city's choice. What a code means to callers, and what is to be
done, is in the dashboards' catalogues (``alarm_means`` and ``alarm_do``), in every language of the pages.
"""

from suar.alarms.history import Event, History, Past
from suar.alarms.standing import Alarm, Alarms, News

__all__ = ["Alarm", "Alarms", "Event", "History", "News", "Past"]
