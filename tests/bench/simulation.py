"""The distribution in virtual time beside Erlang C at fifteen points and Erlang A at six; a year of calls."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.anchors import ERLANG_A, ERLANG_C, AnchorA, AnchorC
from tests.bench.bed import say
from tests.referee import Compared, compare, relaxation, simulate

_SEEDS = range(1, 31)
_CALLS = 4000
_RELAXATIONS = 12
_WARM_UP_RELAXATIONS = 6
_SIGMAS = 3.0
_YEAR_OF_CALLS = 439 * 365
_YEAR_S = 120.0


async def run() -> bool:
    """Print the table; every figure has to be within three standard errors of the formula."""
    return await asyncio.to_thread(_run)


def _run() -> bool:
    say(f"simulation: {len(_SEEDS)} runs a point; off = how many standard errors from Erlang's formula")
    rows: list[AnchorC | AnchorA] = [*ERLANG_C, *ERLANG_A]
    worst = 0.0
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for row, found in zip(rows, pool.map(_compare, rows), strict=True):
            kind = "A" if isinstance(row, AnchorA) else "C"
            figures = "   ".join(
                f"{one.name} {one.mean:9.4f} / {one.theory:9.4f} off {one.sigmas:4.1f}" for one in found
            )
            say(f"  {kind} {row.number:2} {row.operators:3} operators   {figures}")
            worst = max(worst, *(one.sigmas for one in found))
    say(f"  the worst is {worst:.2f} off   (target: {_SIGMAS:g})")
    took_s = _year()
    say(f"  a year of {_YEAR_OF_CALLS} calls: {took_s:.1f} s   (target: {_YEAR_S:.0f} s)")
    return worst <= _SIGMAS and took_s <= _YEAR_S


def _compare(row: AnchorC | AnchorA) -> list[Compared]:
    forgets = relaxation(row)
    calls = max(_CALLS, round(_RELAXATIONS * forgets))
    return compare(row, _SEEDS, calls, max(500, round(_WARM_UP_RELAXATIONS * forgets)))


def _year() -> float:
    began = time.perf_counter()
    simulate(ERLANG_A[2], 1, _YEAR_OF_CALLS, 0)
    return time.perf_counter() - began
