"""The call controller's alarms: those that every process has, see `suar.alarms`."""

from suar.alarms import Alarm, Alarms, News

__all__ = ["Alarm", "Alarms", "News"]
