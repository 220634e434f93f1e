"""The city file: everything that Suar must know about a city, in one TOML file.

``load`` reads and validates it. What is wrong is said all at once: each problem with its key, the
value that stands there and what would be right.
"""

from suar.city.carriers import Carrier, CellHeader, PresumedLocation
from suar.city.distribution import (
    DistributionSettings,
    OverflowRule,
    PauseReason,
    Queue,
    QueueAnnouncements,
    policy_of,
)
from suar.city.fields import Bind
from suar.city.loading import CityFileInvalid, Problem, load, parse
from suar.city.model import (
    SYNTHETIC,
    Agency,
    AlarmSettings,
    AreaSettings,
    CallbackSettings,
    City,
    KindOfIncident,
    Neighbour,
    Network,
    Operator,
    Post,
    SupervisionSettings,
    Supervisor,
    TestCallSettings,
    Triage,
)

__all__ = [
    "SYNTHETIC",
    "Agency",
    "AlarmSettings",
    "AreaSettings",
    "Bind",
    "CallbackSettings",
    "Carrier",
    "CellHeader",
    "City",
    "CityFileInvalid",
    "DistributionSettings",
    "KindOfIncident",
    "Neighbour",
    "Network",
    "Operator",
    "OverflowRule",
    "PauseReason",
    "Post",
    "PresumedLocation",
    "Problem",
    "Queue",
    "QueueAnnouncements",
    "SupervisionSettings",
    "Supervisor",
    "TestCallSettings",
    "Triage",
    "load",
    "parse",
    "policy_of",
]
