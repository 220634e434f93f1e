"""A report as text, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from queues.measures.figures import Answering, Clock, Figures, flat
from queues.measures.reports import Group, Report
from suar.tables import NONE, percent, seconds, table


def as_json(report: Report, city: str, zone: ZoneInfo) -> str:
    """Return everything, nested as `queues.measures.figures` is."""
    return json.dumps(
        {
            "city": city,
            "from": _local(report.began_ms, zone),
            "to": _local(report.ended_ms, zone),
            "time_zone": str(zone),
            "target_s": report.rules.target_s,
            "short_abandon_s": report.rules.short_abandon_s,
            "without": sorted(report.rules.left_out),
            "by": report.by,
            "total": asdict(report.total),
            "groups": [asdict(group) for group in report.groups],
        },
        indent=2,
        ensure_ascii=False,
    )


def as_csv(report: Report) -> str:
    """Return a line for each group and each of its two totals; shares are between 0 and 1."""
    lines = [
        {"group": group.key, "total": which, **flat(figures)}
        for group in (*report.groups, report.total)
        for which, figures in (("all", group.all), ("without", group.without))
    ]
    # A disposition that one group lacks is none there.
    names = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval=0, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def as_text(report: Report, city: str, zone: ZoneInfo, clock: Clock) -> str:
    """Return what fits on a screen, waits by one clock."""
    without = f"without {', '.join(sorted(report.rules.left_out))}" if report.rules.left_out else "all again"
    lines = [
        f"{city}: {_local(report.began_ms, zone)} to {_local(report.ended_ms, zone)}, {zone}",
        f"Waits from {_CLOCKS[clock]}. T = {report.rules.target_s:g} s. Every figure: docs/measures.md.",
        "",
        *table(["", "all", without], side_by_side([report.total.all, report.total.without], clock)),
    ]
    if report.groups:
        by = report.by.value if report.by else ""
        for title, pick in (("all", _all), (without, _without)):
            head = [f"{by}, {title}", *(name for name, _ in _COLUMNS)]
            rows = [
                [group.key, *(show(pick(group), clock) for _, show in _COLUMNS)] for group in report.groups
            ]
            lines += ["", *table(head, rows)]
    return "\n".join(lines) + "\n"


def _count(value: int) -> str:
    return str(value)


def side_by_side(columns: Sequence[Figures], clock: Clock) -> list[list[str]]:
    """Return a row for each figure, waits by one clock, with a cell for each of ``columns``."""
    rows = [[name, *(show(one, one.by(clock)) for one in columns)] for name, show in _ROWS]
    for name in sorted({name for one in columns for name in one.dispositions}):
        rows.append([f"disposition: {name}", *(str(one.dispositions.get(name, 0)) for one in columns)])
    return rows


def _target(value: bool | None) -> str:
    return NONE if value is None else "met" if value else "missed"


def _hours(value: float | None) -> str:
    return NONE if value is None else f"{value / 3600:.1f} h"


_CLOCKS = {
    Clock.INVITE: "the carrier's INVITE",
    Clock.ANSWER: "our line's answer",
    Clock.TRIAGE: "the end of triage",
}
_ROWS: tuple[tuple[str, Callable[[Figures, Answering], str]], ...] = (
    ("calls", lambda one, _: _count(one.calls)),
    ("answered", lambda one, _: _count(one.answered)),
    ("abandoned", lambda one, _: f"{one.abandoned}, {percent(one.abandonment)}"),
    ("lost by us", lambda one, _: _count(one.lost)),
    ("not finished yet", lambda one, _: _count(one.unfinished)),
    ("answered within 10 s (EU 112)", lambda _, by: percent(by.within_10_s)),
    ("answered within 15 s", lambda _, by: percent(by.within_15_s)),
    ("answered within 20 s", lambda _, by: percent(by.within_20_s)),
    ("NENA 90 % in 15 s, from the INVITE", lambda one, _: _target(one.nena_90_15)),
    ("NENA 95 % in 20 s, from the INVITE", lambda one, _: _target(one.nena_95_20)),
    ("answered within T", lambda _, by: percent(by.within_target)),
    ("SL: of the answered, within T", lambda _, by: percent(by.sl)),
    ("SL2: given up within T counts too", lambda _, by: percent(by.sl2)),
    ("mean answer (ASA, EU 112)", lambda _, by: seconds(by.asa_s)),
    ("mean of the longest tenth (EU 112)", lambda _, by: seconds(by.longest_tenth_s)),
    ("longest", lambda _, by: seconds(by.longest_s)),
    ("talk, mean", lambda one, _: seconds(one.talk_s)),
    ("wrap-up, mean", lambda one, _: seconds(one.wrap_up_s)),
    ("AHT", lambda one, _: seconds(one.aht_s)),
    ("occupancy", lambda one, _: percent(one.occupancy)),
    ("operators ready or busy", lambda one, _: _worked(one)),
    ("offers", lambda one, _: _count(one.offers)),
    ("RONA", lambda one, _: f"{one.rona}, {percent(one.rona_share)}"),
    ("short abandons", lambda one, _: _count(one.short_abandons)),
    ("tests", lambda one, _: _count(one.tests)),
    ("put back", lambda one, _: _count(one.put_back)),
    ("false calls: ghost and prank (EU 112)", lambda one, _: percent(one.false_share)),
)
_COLUMNS: tuple[tuple[str, Callable[[Figures, Clock], str]], ...] = (
    ("calls", lambda one, _: _count(one.calls)),
    ("answered", lambda one, _: _count(one.answered)),
    ("abandoned", lambda one, _: percent(one.abandonment)),
    ("<=10 s", lambda one, clock: percent(one.by(clock).within_10_s)),
    ("<=15 s", lambda one, clock: percent(one.by(clock).within_15_s)),
    ("<=20 s", lambda one, clock: percent(one.by(clock).within_20_s)),
    ("SL2", lambda one, clock: percent(one.by(clock).sl2)),
    ("ASA", lambda one, clock: seconds(one.by(clock).asa_s)),
    ("longest 10 %", lambda one, clock: seconds(one.by(clock).longest_tenth_s)),
    ("AHT", lambda one, _: seconds(one.aht_s)),
    ("occupancy", lambda one, _: percent(one.occupancy)),
    ("RONA", lambda one, _: _count(one.rona)),
    ("false", lambda one, _: percent(one.false_share)),
)


def _worked(figures: Figures) -> str:
    if figures.busy_s is None or figures.free_s is None:
        return NONE
    return _hours(figures.busy_s + figures.free_s)


def _all(group: Group) -> Figures:
    return group.all


def _without(group: Group) -> Figures:
    return group.without


def _local(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms // 1000, zone).isoformat(timespec="minutes")
