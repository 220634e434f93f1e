"""The city file: everything that Suar must know about a city, in one TOML file.

``load`` reads and validates it. What is wrong is said all at once: each problem with its key, the
value that stands there and what would be right.
"""

from suar.city.loading import CityFileInvalid, Problem, load, parse
from suar.city.model import (
    Agency,
    AlarmSettings,
    AreaSettings,
    Bind,
    CallbackSettings,
    Carrier,
    City,
    KindOfIncident,
    Neighbour,
    Network,
    Operator,
    Post,
    PresumedLocation,
    Queue,
    SupervisionSettings,
    Supervisor,
    Triage,
)

__all__ = [
    "Agency",
    "AlarmSettings",
    "AreaSettings",
    "Bind",
    "CallbackSettings",
    "Carrier",
    "City",
    "CityFileInvalid",
    "KindOfIncident",
    "Neighbour",
    "Network",
    "Operator",
    "Post",
    "PresumedLocation",
    "Problem",
    "Queue",
    "SupervisionSettings",
    "Supervisor",
    "Triage",
    "load",
    "parse",
]
