"""The shape of a city file. Unknown keys are errors; cross references are checked in `references`."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from suar.city.carriers import Carrier
from suar.city.distribution import DistributionSettings, PauseReason, Queue, SkillExpression
from suar.city.fields import (
    Bind,
    BindTo,
    LanguageCode,
    Latitude,
    Longitude,
    Node,
    Port,
    PositiveSeconds,
    RegionCode,
    Slug,
    Table,
    Telephone,
    Text,
    TimeZone,
    WebAddress,
)
from suar.city.public import AmlSettings, LinkSettings, PublicSettings, SmsSettings, TelephoneSettings
from suar.city.reality import AdmissionSettings, NuisanceSettings, SilenceSettings

_SHORTEST_TEST_PERIOD_S = 10

SYNTHETIC = "synthetic"
"""Stands where a carrier's id stands, for our own test calls."""


class Identity(Table):
    """``[city]``: who the city is."""

    name: Text
    node: Node
    time_zone: TimeZone
    languages: Annotated[list[LanguageCode], Field(min_length=1)]
    emergency_number: Annotated[str, Field(pattern=r"^\d{2,6}$")]


class Network(Table):
    """``[network]``: where each part listens."""

    sip_bind: BindTo
    rtp_first_port: Port
    rtp_last_port: Port
    asterisk_http_bind: BindTo
    ami_bind: BindTo
    control_bind: BindTo
    web_bind: BindTo
    rescuer_bind: BindTo = Bind("127.0.0.1", 8090)
    public_bind: BindTo | None = None
    hep_bind: BindTo = Bind("127.0.0.1", 9060)
    """UDP: where the call controller takes Asterisk's copies of SIP messages."""

    @classmethod
    def bind_names(cls) -> list[str]:
        """Return the keys that say where something listens."""
        return [name for name in cls.model_fields if name.endswith("_bind")]

    @field_validator("hep_bind")
    @classmethod
    def _stays_here(cls, bind: Bind) -> Bind:
        if not bind.host.startswith("127.") and bind.host not in {"::1", "localhost"}:
            raise ValueError("an address of the loopback: the copies carry callers' places in the clear")
        return bind

    @model_validator(mode="after")
    def _range_is_wide(self) -> Network:
        if self.rtp_last_port - self.rtp_first_port < 3:
            raise ValueError("rtp_last_port: at least three above rtp_first_port")
        return self


class Agency(Table):
    """``[[agencies]]``: one that must move."""

    id: Slug
    name: Text
    short_name: Text
    phone: Annotated[str, Field(pattern=r"^\+?\d{3,15}$")] | None = None


class Post(Table):
    """``[[posts]]``: where units leave from."""

    id: Slug
    name: Text
    kind: Literal["posko", "watch", "fire", "ambulance", "police"]
    agency: Slug
    district: Text
    latitude: Latitude | None = None
    longitude: Longitude | None = None

    @model_validator(mode="after")
    def _place_is_whole(self) -> Post:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude: both, or neither")
        return self


class KindOfIncident(Table):
    """``[[kinds]]``: a kind of incident, who moves for it and how its callers are queued."""

    id: Slug
    names: dict[LanguageCode, Text]
    agencies: Annotated[list[Slug], Field(min_length=1)]
    target_s: PositiveSeconds
    queue: Slug
    priority: Annotated[int, Field(ge=0, le=9)]
    skills: list[Slug]
    wants: list[SkillExpression] = Field(default_factory=list)

    def name(self, language: str) -> str:
        """Return its name in ``language``, or in the first language that it has one in."""
        return self.names.get(language) or next(iter(self.names.values()))


class Operator(Table):
    """``[[operators]]``: a call taker, with a softphone that registers as ``op-<id>``."""

    id: Slug
    name: Text
    extension: Annotated[str, Field(pattern=r"^\d{2,8}$")]
    languages: Annotated[list[LanguageCode], Field(min_length=1)]
    skills: list[Slug]
    queues: Annotated[list[Slug], Field(min_length=1)]

    @property
    def endpoint(self) -> str:
        """Her phone's name inside Asterisk."""
        return f"op-{self.id}"


class Supervisor(Table):
    """``[[supervisors]]``: who oversees the operators, with a softphone that registers as ``sv-<id>``."""

    id: Slug
    name: Text
    extension: Annotated[str, Field(pattern=r"^\d{2,8}$")]

    @property
    def endpoint(self) -> str:
        """Her phone's name inside Asterisk."""
        return f"sv-{self.id}"


class DigitLeadsTo(Table):
    """What a digit does: it ends in a kind, or goes to another node."""

    kind: Slug | None = None
    go: Slug | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> DigitLeadsTo:
        if (self.kind is None) == (self.go is None):
            raise ValueError('either { kind = "..." } or { go = "..." }')
        return self


class TriageNode(Table):
    """``[triage.nodes.<id>]``: one question."""

    language: LanguageCode
    prompt: Slug
    wait_s: Annotated[float, Field(ge=0, le=30)]
    digits: Annotated[dict[Annotated[str, Field(pattern=r"^[0-9*#]$")], DigitLeadsTo], Field(min_length=1)]


class Triage(Table):
    """``[triage]``: what a caller is asked before an operator answers."""

    greets: bool = True
    rings_s: Annotated[float, Field(ge=0, le=60)] = 20.0
    start: Slug
    limit_s: Annotated[float, Field(ge=1, le=30)]
    fallback_kind: Slug
    nodes: Annotated[dict[Slug, TriageNode], Field(min_length=1)]


class TestCallSettings(Table):
    """``[test_calls]``: calls that test the whole chain and never ring an operator. May be left out."""

    __test__ = False

    every_s: Annotated[float, Field(ge=0, le=3600)] = 60.0
    """How often the rescuer calls, from 10 s on; 0 for never."""
    number: Annotated[str, Field(pattern=r"^(\d{2,15})?$")] = ""
    """What a carrier's technician dials; empty for none."""

    @model_validator(mode="after")
    def _leaves_time(self) -> TestCallSettings:
        if 0 < self.every_s < _SHORTEST_TEST_PERIOD_S:
            raise ValueError("every_s: at least 10, or 0 for no test calls")
        return self


class AlarmSettings(Table):
    """``[alarms]``: who is told what is wrong, beside those who look at the pages. May be left out."""

    webhook_url: WebAddress = ""


class AreaSettings(Table):
    """``[areas]``: which city this is among all, and where. May be left out."""

    code: RegionCode | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None

    @model_validator(mode="after")
    def _place_is_whole(self) -> AreaSettings:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude: both, or neither")
        return self


class Neighbour(Table):
    """``[[neighbours]]``: a city or regency next door, to which a call can be handed over."""

    id: Slug
    name: Text
    code: RegionCode
    hand_over_to: Telephone | None = None


class CallbackSettings(Table):
    """``[callbacks]``: whether callers who were lost are called back by themselves. May be left out."""

    automatic: bool = False
    attempts: Annotated[int, Field(ge=1, le=20)] = 3
    """How often one caller's phone is rung in vain."""
    after_s: Annotated[float, Field(ge=5, le=3600)] = 30
    """How long after she was lost: who hung up by mistake rings again herself."""
    again_s: Annotated[float, Field(ge=30, le=86400)] = 300
    """How long after an attempt in vain the next one comes."""
    keep_ready: Annotated[int, Field(ge=0, le=1000)] = 1
    """How many operators stay free for who rings next."""


class SupervisionSettings(Table):
    """``[supervision]``: what operators know of it. May be left out."""

    operators_see_it: bool = True


class City(Table):
    """A whole city file; what ``[city]`` says is at hand by its own names too."""

    identity: Annotated[Identity, Field(alias="city")]
    network: Network
    carriers: Annotated[list[Carrier], Field(min_length=1)]
    agencies: Annotated[list[Agency], Field(min_length=1)]
    posts: list[Post]
    queues: Annotated[list[Queue], Field(min_length=1)]
    distribution: DistributionSettings = DistributionSettings()
    pauses: list[PauseReason] = Field(default_factory=list)
    kinds: Annotated[list[KindOfIncident], Field(min_length=1)]
    operators: list[Operator]
    supervisors: list[Supervisor] = Field(default_factory=list)
    supervision: SupervisionSettings = SupervisionSettings()
    callbacks: CallbackSettings = CallbackSettings()
    triage: Triage
    test_calls: TestCallSettings = TestCallSettings()
    alarms: AlarmSettings = AlarmSettings()
    admission: AdmissionSettings = AdmissionSettings()
    silence: SilenceSettings = SilenceSettings()
    nuisance: NuisanceSettings = NuisanceSettings()
    areas: AreaSettings = AreaSettings()
    neighbours: list[Neighbour] = Field(default_factory=list)
    telephone: TelephoneSettings = TelephoneSettings()
    public: PublicSettings = PublicSettings()
    aml: AmlSettings | None = None
    sms: SmsSettings | None = None
    links: LinkSettings | None = None

    @property
    def name(self) -> str:
        return self.identity.name

    @property
    def node(self) -> str:
        return self.identity.node

    @property
    def time_zone(self) -> str:
        return self.identity.time_zone

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.identity.time_zone)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.identity.languages)

    @property
    def emergency_number(self) -> str:
        return self.identity.emergency_number

    @property
    def fallback_kind(self) -> KindOfIncident:
        """What a call is about until somebody has said so: one of the most urgent kinds."""
        return next(kind for kind in self.kinds if kind.id == self.triage.fallback_kind)

    def carrier(self, carrier_id: str) -> Carrier | None:
        return next((carrier for carrier in self.carriers if carrier.id == carrier_id), None)

    def queue(self, queue_id: str) -> Queue | None:
        return next((queue for queue in self.queues if queue.id == queue_id), None)

    def kind(self, kind_id: str) -> KindOfIncident | None:
        return next((kind for kind in self.kinds if kind.id == kind_id), None)

    def degraded_queue(self, kind_id: str, language: str) -> str:
        """Return the queue in which Asterisk alone serves a need."""
        known = self.kind(kind_id) is not None and language in self.languages
        return f"degraded-{kind_id}-{language}" if known else "degraded"

    def operator(self, operator_id: str) -> Operator | None:
        return next((operator for operator in self.operators if operator.id == operator_id), None)

    def supervisor(self, supervisor_id: str) -> Supervisor | None:
        return next((one for one in self.supervisors if one.id == supervisor_id), None)

    def agency(self, agency_id: str) -> Agency | None:
        return next((agency for agency in self.agencies if agency.id == agency_id), None)

    def neighbour(self, code: str) -> Neighbour | None:
        """Return the neighbour with Kemendagri's ``code``, or in whose area a smaller code lies."""
        return next((one for one in self.neighbours if f"{code}.".startswith(f"{one.code}.")), None)
