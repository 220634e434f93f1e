"""What each figure means, when its clock starts, and whose it is: the rows of `docs/measures.md`."""

from __future__ import annotations

from dataclasses import dataclass

_ANY = "each of the three"
_NENA = "NENA-STA-020.1-2020"
_EU = "EU 112 (COCOM questionnaire)"
_QUEUE = "app_queue (queues.conf)"
_CENTRE = "call centres' custom"
_OURS = "Suar"


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure. ``clock`` is when the wait begins that it counts, or empty where it counts none."""

    name: str
    means: str
    clock: str
    source: str


ANSWERING = (
    Definition("calls", "calls that this clock began for, and that are over", _ANY, _OURS),
    Definition("within_10_s", "answered within 10 s ÷ calls: who gave up counts against us", _ANY, _EU),
    Definition("within_15_s", "answered within 15 s ÷ calls", _ANY, _NENA),
    Definition("within_20_s", "answered within 20 s ÷ calls", _ANY, _NENA),
    Definition("within_target", "answered within T ÷ calls", _ANY, _OURS),
    Definition("sl", "answered within T ÷ answered: who gave up is not seen", _ANY, f"{_QUEUE}: SL"),
    Definition("sl2", "(answered within T + abandoned within T) ÷ calls", _ANY, f"{_QUEUE}: SL2"),
    Definition("asa_s", "mean wait of the answered calls: ASA, the EU's mean answer time", _ANY, _EU),
    Definition(
        "longest_tenth_s",
        "mean of the longest tenth of the answered calls' waits, of one at least",
        _ANY,
        _EU,
    ),
    Definition("longest_s", "the longest wait of an answered call", _ANY, _OURS),
)
"""Of `queues.measures.figures.Answering`; each comes once for each clock, as ``invite_asa_s``."""

FIGURES = (
    Definition("calls", "answered + abandoned + lost", "", _OURS),
    Definition("answered", "calls in which an operator spoke with the caller", "", _OURS),
    Definition("abandoned", "calls whose caller hung up before, in the greeting or in triage too", "", _OURS),
    Definition("lost", "calls that ended before by our or Asterisk's failure", "", _OURS),
    Definition("unfinished", "calls whose end is not told yet; in no other figure but offers", "", _OURS),
    Definition("abandonment", "abandoned ÷ calls", "invite", _EU),
    Definition("nena_90_15", "whether within_15_s is 90 % or more", "invite", _NENA),
    Definition("nena_95_20", "whether within_20_s is 95 % or more", "invite", _NENA),
    Definition("talk_s", "mean talk of the answered calls, holding included", "operator's answer", _CENTRE),
    Definition(
        "wrap_up_s", "mean wrap-up of the answered calls, 0 where there was none", "end of talk", _CENTRE
    ),
    Definition("aht_s", "talk_s + wrap_up_s", "operator's answer", _CENTRE),
    Definition("offers", "how often an operator's phone was rung", "", _OURS),
    Definition("rona", "offers that rang and were not answered in time", "", _CENTRE),
    Definition("rona_share", "rona ÷ offers", "", _CENTRE),
    Definition("rejected", "offers that the operator's phone refused", "", _OURS),
    Definition("unreachable", "offers whose phone could not be rung", "", _OURS),
    Definition("busy_s", "operators' time that was ringing, talk or wrap-up", "", _OURS),
    Definition("free_s", "operators' time that was ready, reachable and not busy", "", _OURS),
    Definition("occupancy", "busy_s ÷ (busy_s + free_s); not ready is in neither", "", _CENTRE),
    Definition(
        "short_abandons", "abandoned sooner than the limit, 5 s unless told otherwise", "invite", _OURS
    ),
    Definition(
        "tests",
        "calls found to be uji_coba; marked as tests, and in no other figure unless a person spoke",
        "",
        _OURS,
    ),
    Definition("ghosts", "calls found to be ghost", "", "SOP of Cilegon's 112"),
    Definition("pranks", "calls found to be prank", "", "SOP of Cilegon's 112"),
    Definition("put_back", "calls put back by one step because of what their number did before", "", _OURS),
    Definition("false_share", "(ghosts + pranks) ÷ calls", "", _EU),
    Definition(
        "dispositions", "calls by what a person said of them, else the controller; unsaid: neither", "", _OURS
    ),
)
"""Of `queues.measures.figures.Figures`, its three `Answering` apart."""


def table(definitions: tuple[Definition, ...]) -> str:
    """Return the rows of a Markdown table, as the documentation has them."""
    return "".join(f"| `{one.name}` | {one.means} | {one.clock} | {one.source} |\n" for one in definitions)
