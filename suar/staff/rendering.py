"""A plan as a table, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf

from queues.staffing.erlang import Queue
from queues.staffing.plan import Goal, Planned
from suar.tables import percent, seconds, table


@dataclass(frozen=True, slots=True)
class Row:
    """One interval: its plan and, where there is a surge, what it meets and what it would need."""

    planned: Planned
    surged: Planned | None = None
    """The plan for the surge."""
    meets: Queue | None = None
    """What the surge's callers meet with the plan's operators, as nobody knew of it."""


def as_table(rows: Sequence[Row], goal: Goal) -> str:
    """Return what fits on a screen."""
    has_surge = any(row.surged for row in rows)
    head = ["start", "calls", "AHT", "erlang", "operators", "on the roster", "in time", "ASA", "occupancy"]
    head += ["give up"] if goal.patience_s is not None else []
    head += ["bound by"]
    head += ["| surge: calls", "need", "with the plan: in time", "ASA"] if has_surge else []
    lines = table(head, [_cells(row, goal, has_surge) for row in rows])
    hours = sum(row.planned.operators * row.planned.interval.length_s for row in rows) / 3600
    rostered = sum(row.planned.scheduled * row.planned.interval.length_s for row in rows) / 3600
    most = max(row.planned.operators for row in rows)
    lines += [
        "",
        f"at most {most} operators at once; {hours:.1f} hours at desks, {rostered:.1f} on the roster",
    ]
    if has_surge:
        lines.append(
            f"in the surge at most {max(row.surged.operators for row in rows if row.surged)} operators"
        )
    return "\n".join(lines) + "\n"


def as_json(rows: Sequence[Row], goal: Goal) -> str:
    """Return everything; a wait without end is null."""
    return json.dumps({"goal": asdict(goal), "intervals": [_flat(row) for row in rows]}, indent=2)


def as_csv(rows: Sequence[Row]) -> str:
    """Return a line for each interval; a wait without end is empty."""
    lines = [_flat(row) for row in rows]
    names = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def _cells(row: Row, goal: Goal, has_surge: bool) -> list[str]:
    plan, meets = row.planned, row.planned.meets
    cells = [
        plan.interval.start,
        f"{plan.interval.calls:.1f}",
        seconds(plan.interval.aht_s),
        f"{meets.load:.2f}",
        str(plan.operators),
        str(plan.scheduled),
        percent(meets.answered_in_time),
        seconds(meets.asa_s),
        percent(meets.occupancy),
    ]
    cells += [percent(meets.abandons)] if goal.patience_s is not None else []
    cells.append(plan.bound_by)
    if has_surge and row.surged is not None and row.meets is not None:
        wait = "without end" if row.meets.asa_s == inf else seconds(row.meets.asa_s)
        cells += [
            f"{row.surged.interval.calls:.1f}",
            str(row.surged.operators),
            percent(row.meets.answered_in_time),
            wait,
        ]
    elif has_surge:
        cells += ["", "", "", ""]
    return cells


def _flat(row: Row) -> dict[str, str | float | None]:
    plan = row.planned
    found: dict[str, str | float | None] = {
        "start": plan.interval.start,
        "length_s": plan.interval.length_s,
        "calls": plan.interval.calls,
        "aht_s": plan.interval.aht_s,
        "load": plan.meets.load,
        "operators": plan.operators,
        "scheduled": plan.scheduled,
        "answered_in_time": plan.meets.answered_in_time,
        "asa_s": _finite(plan.meets.asa_s),
        "occupancy": plan.meets.occupancy,
        "abandons": plan.meets.abandons,
        "bound_by": plan.bound_by,
    }
    if row.surged is not None and row.meets is not None:
        found |= {
            "surge_calls": row.surged.interval.calls,
            "surge_operators": row.surged.operators,
            "surge_scheduled": row.surged.scheduled,
            "surge_answered_in_time": row.meets.answered_in_time,
            "surge_asa_s": _finite(row.meets.asa_s),
            "surge_abandons": row.meets.abandons,
        }
    return found


def _finite(value: float) -> float | None:
    return None if value == inf else value
