"""The faults, a row each."""

from __future__ import annotations

from tests.faults.bed import Setting
from tests.faults.breaks import parts, phones, storage, wires
from tests.faults.breaks.parts import KILL, STOP, TERM, send
from tests.faults.fault import Fault

_PAIR = Setting(standby=True)
_HOUR_S = 3600

FAULTS = [
    Fault("nothing (for comparison)", parts.nothing),
    Fault("controller: kill -9", send(KILL, "leader"), is_short=True),
    Fault("controller: SIGSTOP for 10 s", send(STOP, "leader", for_s=10.0), is_short=True),
    Fault("controller: SIGTERM", send(TERM, "leader")),
    Fault("controller with a standby: kill -9", send(KILL, "leader"), _PAIR),
    Fault("controller with a standby: hung", send(STOP, "leader"), _PAIR),
    Fault("controller with a standby: SIGTERM", send(TERM, "leader"), _PAIR),
    Fault("controller: a bug in some calls' flow", parts.nothing, Setting(controller="tests.faults.buggy")),
    Fault("rescuer: kill -9", send(KILL, "rescuer")),
    Fault("rescuer: SIGSTOP for 10 s", send(STOP, "rescuer", for_s=10.0)),
    Fault("rescuer: SIGTERM", send(TERM, "rescuer")),
    Fault("dashboards: kill -9", send(KILL, "web")),
    Fault("dashboards: SIGSTOP for 10 s", send(STOP, "web", for_s=10.0)),
    Fault("dashboards: SIGTERM", send(TERM, "web")),
    Fault("controller and rescuer: kill -9", send(KILL, "leader", "rescuer")),
    Fault("controller and rescuer: SIGSTOP for 10 s", send(STOP, "leader", "rescuer", for_s=10.0)),
    Fault("controller and rescuer: SIGTERM", send(TERM, "leader", "rescuer")),
    Fault("controller and dashboards: kill -9", send(KILL, "leader", "web")),
    Fault("AGI scripts: killed, the controller frozen", parts.hit_agi(KILL)),
    Fault("AGI scripts: hung, the controller frozen", parts.hit_agi(STOP)),
    Fault("websocket: dropped", wires.cut),
    Fault("websocket: half open for 8 s", wires.leave_half_open),
    Fault("websocket: stalled for 2 s under 200 events a second", wires.stall),
    Fault("websocket: deaf for 8 s", wires.deafen),
    Fault("websocket: garbage to the controller", wires.garble_ari),
    Fault("AMI: garbage to the rescuer", wires.garble_ami),
    Fault("a second controller connects for 3 s", wires.connect_second),
    Fault("Asterisk: core restart now", parts.restart_asterisk, kills_calls=True),
    Fault("Asterisk: kill -9", send(KILL, "asterisk"), kills_calls=True, is_short=True),
    Fault("Asterisk: module reload", parts.reload_asterisk),
    Fault("database: locked for 60 s", storage.lock_database(60.0)),
    Fault("database: read-only for 12 s", storage.make_database_read_only),
    Fault("database: deleted", storage.delete_database),
    Fault("recordings' disk: full for 12 s", storage.fill_recordings, recordings_may_fail=True),
    Fault("the whole disk: full for 12 s", storage.fill_disk, Setting(disk_mb=200), recordings_may_fail=True),
    Fault("an operator's phone dies while it rings", phones.die_ringing),
    Fault("an operator's phone dies while she talks", phones.die_talking, falls_silent=True),
    Fault("an operator's phone answers and hangs up at once", phones.answer_and_hang_up),
    Fault("an operator answers in the last moment", phones.answer_slowly),
    Fault("the operators' network: cut for 6 s", phones.cut_off, falls_silent=True),
    Fault("every clock: 1 h ahead for 10 s", parts.step_clock(_HOUR_S), Setting(own_clock=True)),
    Fault("every clock: 1 h back for 10 s", parts.step_clock(-_HOUR_S), Setting(own_clock=True)),
    Fault("1,000 operator state flips", parts.flip_states),
    Fault("garbage, connect-and-close, slow-loris on every port", wires.besiege),
]
