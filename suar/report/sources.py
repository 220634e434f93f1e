"""Where the records come from: the journal has what is new, the database's timeline what was settled.

The controller removes a segment of its journal when the dashboards have all of its calls; what operators
asked for stays in ``decisions-*.log``. A call that both know is read from the journal if it is whole there,
so the two may be given together, and a copy of the journal folder, such as a backup's, alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queues.measures.work import RESTARTED
from suar.journal import records
from suar.record import Record

_DECISIONS = "decisions-*.log"
_BEGAN = "decisions-%Y%m%dT%H%M%S.log"


def call_records(journal: Path | None, timeline: Iterable[Record], whole: Set[str]) -> Iterator[Record]:
    """Yield all calls' records as `queues.measures.calls.fold` takes them, each call's from one source.

    ``whole`` are the calls that the journal has from their first event (see :func:`whole_calls`).
    Raises :class:`OSError`.
    """
    told: set[str] = set()
    for record in timeline:
        call_id = record.get("call") or record.get("finished")
        if call_id in whole:
            continue
        if isinstance(call_id, str):
            told.add(call_id)
        yield record
    for record in records(journal) if journal else ():
        if (record.get("call") or record.get("finished")) not in told:
            yield record


def whole_calls(journal: Path | None) -> frozenset[str]:
    """Return the calls whose first event the journal has. Raises :class:`OSError`."""
    found = records(journal) if journal else ()
    return frozenset(str(record["call"]) for record in found if "call" in record and record.get("seq") == 1)


def decisions(journal: Path, began_ms: int, ended_ms: int) -> Iterator[dict[str, Any]]:
    """Yield what operators asked for, as `queues.measures.work.WorkBook` takes it, without damaged lines.

    Only of the files that say something of the period: a controller that begins asks who is at work.
    Raises :class:`OSError`.
    """
    began, ended = (datetime.fromtimestamp(ms / 1000, UTC).strftime(_BEGAN) for ms in (began_ms, ended_ms))
    paths = sorted(journal.glob(_DECISIONS))
    first = max((index for index, path in enumerate(paths) if path.name <= began), default=0)
    for path in paths[first:]:
        if path.name > ended:
            break
        is_first = True
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                record = _decode(line)
                if record is None:
                    continue
                if is_first:
                    yield {"event": RESTARTED, "at": record["at"]}
                    is_first = False
                yield record


def _decode(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("at"), str) else None
