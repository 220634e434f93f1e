"""Who goes on and who waits when somebody floods the lines; nobody is ever refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from queues.admission import (
    AdmissionPolicy,
    Admit,
    Ask,
    Decision,
    Gate,
    Hold,
    SurgeBegan,
    SurgeEnded,
    Why,
)

POLICY = AdmissionPolicy(least_calls=4, carrier_burst=4, carrier_calls_per_s=1, asked_at_once=2)


def flooded(gate: Gate, calls: int, now: float = 0.0, numbers: int = 2) -> None:
    """Have robots of one carrier call."""
    for one in range(calls):
        gate.arrive(f"robot{one}", "tsel", f"+62811{one % numbers}", now)


def of(decisions: Iterable[Decision], kind: type) -> list[str]:
    return [one.call_id for one in decisions if isinstance(one, kind)]  # type: ignore[union-attr]


def until(gate: Gate, now: float, done: Callable[[list[Decision]], bool], patience_s: float = 3600) -> float:
    """Let time pass until a decision is what is looked for; return when it was taken."""
    end = now + patience_s
    while (due := gate.next_timeout()) is not None and due <= end:
        if done(gate.handle_timeout(due)):
            return due
    raise AssertionError("it never happened")


def test_a_quiet_day_knows_no_gate() -> None:
    """Everybody goes on at once, and no timer runs."""
    gate = Gate(AdmissionPolicy(), operators=2)
    for one in range(20):
        assert gate.arrive(f"c{one}", "tsel", f"+6281{one}", one * 5.0) == [Admit(f"c{one}")]
    assert gate.next_timeout() is None


def test_a_flood_is_held_and_the_others_go_on() -> None:
    """The surge is told once, with its carrier; another carrier's caller does not notice."""
    gate = Gate(POLICY, operators=4)
    told: list[Decision] = []
    for one in range(50):
        told += gate.arrive(f"r{one}", "tsel", f"+628{one}", 0.0)
    assert of(told, Admit) == ["r0", "r1", "r2", "r3"]
    assert [one for one in told if isinstance(one, SurgeBegan)] == [SurgeBegan("tsel")]
    assert gate.held("tsel") == 46
    assert gate.arrive("hers", "isat", "+62855", 0.0) == [Admit("hers")]
    assert gate.surging() == ["tsel"]


def test_in_a_surge_a_carrier_gets_its_share_of_the_operators() -> None:
    """Two of four operators: as those who came before end, the next go on, and no more of them."""
    gate = Gate(POLICY, operators=4)
    for one in range(8):
        gate.arrive(f"r{one}", "tsel", f"+628{one}", 0.0)
    assert gate.handle_timeout(100.0)  # Asked on, but four are there already.
    assert gate.admitted("tsel") == 4
    assert of(gate.leave("r0", 100.0), Admit) == []
    assert of(gate.leave("r1", 100.0), Admit) == []
    assert of(gate.leave("r2", 100.0), Admit) == ["r4"]
    assert of(gate.set_operators(8, 101.0), Admit) == ["r5", "r6"]


def test_among_equals_the_oldest_goes_first() -> None:
    """And nobody who comes later overtakes her."""
    gate = Gate(POLICY, operators=2)
    for one in range(8):
        gate.arrive(f"r{one}", "tsel", f"+628{one}", one * 0.01)
    order: list[str] = []
    for one in range(4):
        order += of(gate.leave(f"r{one}", 60.0 + one), Admit)
    assert order == ["r4"]
    late = gate.arrive("late", "tsel", "+62899", 90.0)
    assert isinstance(late[0], Hold)
    assert of(gate.leave("r4", 91.0), Admit) == ["r5"]


def test_a_number_beyond_its_allowance_waits_even_on_a_quiet_day() -> None:
    """Its fourth call at once; it goes on when its handicap is over, and its carrier does not surge."""
    gate = Gate(AdmissionPolicy(), operators=4)
    for one in range(3):
        assert of(gate.arrive(f"c{one}", "tsel", "+62811", 0.0), Admit)
    fourth = gate.arrive("c3", "tsel", "+62811", 0.0)
    assert fourth == [Hold("c3", Why.NUMBER, 1), Ask("c3")]
    assert gate.surging() == []
    assert of(gate.arrive("hers", "tsel", "+62812", 0.0), Admit) == ["hers"]
    assert 30.0 <= until(gate, 0.0, lambda told: of(told, Admit) == ["c3"]) < 31.0


def test_who_dials_again_and_again_is_put_off_and_never_for_ever() -> None:
    """The handicap grows with each call and has an end."""
    policy = AdmissionPolicy()
    gate = Gate(policy, operators=4)
    for one in range(100):
        gate.arrive(f"c{one}", "tsel", "+62811", one * 0.1)
        if one < 99:
            gate.leave(f"c{one}", one * 0.1 + 0.05)
    longest = policy.handicap_s * policy.most_excess
    at = until(gate, 10.0, lambda told: of(told, Admit) == ["c99"])
    assert longest - 30 < at < longest + 30


def test_a_real_caller_among_the_flood_presses_a_key_and_goes_on() -> None:
    """Fresh and proven: she is before every robot, beyond the share that robots have."""
    gate = Gate(replace(POLICY, least_calls=10, carrier_burst=10), operators=2)
    flooded(gate, 200, numbers=20)
    held = gate.arrive("hers", "tsel", "+62899", 1.0)
    assert held[0] == Hold("hers", Why.CARRIER, 0)
    gate.leave("robot0", 2.0)
    assert of(gate.prove("hers", 4.0), Admit) == ["hers"]


def test_a_real_caller_who_cannot_press_goes_on_before_the_robots() -> None:
    """As soon as the carrier has no more than its share."""
    gate = Gate(replace(POLICY, least_calls=3, carrier_burst=3, calls_per_operator=1), operators=2)
    flooded(gate, 100, numbers=1)
    gate.arrive("hers", "tsel", "+62899", 1.0)
    told: list[Decision] = []
    for one in range(3):
        told += gate.leave(f"robot{one}", 20.0 + one)
    assert of(told, Admit) == ["hers"]


def test_robots_that_press_keys_get_their_numbers_allowance_and_then_the_share() -> None:
    """Three calls of each of four numbers look like people's; what comes after them does not."""
    gate = Gate(POLICY, operators=4)
    for one in range(100):
        gate.arrive(f"r{one}", "tsel", f"+62811{one % 4}", 0.0)
        gate.prove(f"r{one}", 0.0)
    for second in range(1, 30):
        gate.handle_timeout(float(second))
    assert gate.admitted("tsel") == 12
    for one in range(12):
        gate.leave(f"r{one}", 30.0)
    for second in range(31, 600):
        gate.handle_timeout(float(second))
    assert gate.admitted("tsel") == 2


def test_callers_without_a_number_are_counted_together_and_apart_from_others() -> None:
    """Ten at once are nothing strange; the eleventh waits, and a caller with a number does not."""
    gate = Gate(AdmissionPolicy(), operators=4)
    for one in range(10):
        assert of(gate.arrive(f"a{one}", "tsel", None, 0.0), Admit)
    assert gate.arrive("a10", "tsel", None, 0.0)[0] == Hold("a10", Why.NUMBER, 1)
    assert of(gate.arrive("other", "isat", None, 0.0), Admit) == ["other"]
    assert of(gate.arrive("known", "tsel", "+62811", 0.0), Admit) == ["known"]
    for one in range(10):
        gate.leave(f"a{one}", 1.0)
    assert of(gate.arrive("later", "tsel", None, 2.0), Admit) == ["later"]


def test_a_few_are_asked_at_a_time_and_each_once() -> None:
    """The others hear their phones ring until it is their turn."""
    gate = Gate(POLICY, operators=2)
    asked: list[str] = []
    for one in range(10):
        asked += of(gate.arrive(f"r{one}", "tsel", f"+628{one}", 0.0), Ask)
    assert asked == ["r4", "r5"]
    assert of(gate.leave("r4", 1.0), Ask) == ["r6"]
    for second in range(2, 100):
        asked += of(gate.handle_timeout(float(second)), Ask)
    assert asked == ["r4", "r5", "r7", "r8", "r9"]


def test_a_surge_ends_when_nobody_has_been_held_for_a_while() -> None:
    """Told once; then the carrier is like every other."""
    gate = Gate(POLICY, operators=2)
    flooded(gate, 20)
    for one in range(20):
        gate.leave(f"robot{one}", 10.0)
    at = until(gate, 10.0, lambda told: told == [SurgeEnded("tsel")])
    assert 40.0 <= at < 41.0
    assert gate.next_timeout() is None
    assert of(gate.arrive("hers", "tsel", "+62899", at), Admit) == ["hers"]


def test_an_adopted_call_counts_and_is_not_held() -> None:
    """It went on already, with the controller before."""
    gate = Gate(POLICY, operators=0)
    for one in range(9):
        gate.adopt(f"a{one}", "tsel", f"+628{one}", 0.0)
    assert gate.admitted("tsel") == 9
    assert isinstance(gate.arrive("c", "tsel", "+6282", 0.0)[-2], Hold)


def test_what_is_not_known_changes_nothing() -> None:
    """A call that is told twice, or that ends twice."""
    gate = Gate(POLICY)
    assert gate.leave("nobody", 0.0) == gate.prove("nobody", 0.0) == []
    gate.arrive("c", "tsel", "+6281", 0.0)
    assert gate.arrive("c", "tsel", "+6281", 0.0) == []
    gate.leave("c", 1.0)
    assert gate.leave("c", 1.0) == []
    assert gate.admitted("tsel") == 0


def test_it_forgets_numbers_that_have_not_called_for_a_while() -> None:
    """A month of callers does not stay in memory."""
    gate = Gate(AdmissionPolicy(), operators=2)
    for one in range(1000):
        gate.arrive(f"c{one}", "tsel", f"+628{one}", one * 10.0)
        gate.leave(f"c{one}", one * 10.0 + 5)
    assert len(gate._recent_of) < 40
    assert len(gate._alive_of) == 0


steps = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "arrive", "arrive", "prove", "leave", "wait"]),
        st.integers(0, 40),
        st.sampled_from(["tsel", "isat"]),
        st.one_of(st.none(), st.integers(0, 5)),
        st.floats(0, 20),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(steps, st.integers(0, 6))
def test_every_caller_who_stays_goes_on(
    history: list[tuple[str, int, str, int | None, float]], operators: int
) -> None:
    """Whatever came before: once calls end one by one, everybody who still waits has her turn."""
    gate, now = Gate(POLICY, operators), 0.0
    alive: set[str] = set()
    admitted: list[str] = []

    def note(told: list[Decision]) -> None:
        admitted.extend(of(told, Admit))

    for what, which, carrier, number, later in history:
        call = f"c{which}"
        if what == "arrive" and call not in alive | set(admitted):
            alive.add(call)
            told = gate.arrive(call, carrier, None if number is None else f"+62{number}", now)
            assert (call in of(told, Admit)) != (call in of(told, Hold))
            note(told)
        elif what == "prove":
            note(gate.prove(call, now))
        elif what == "leave" and call in alive:
            alive.discard(call)
            note(gate.leave(call, now))
        elif what == "wait":
            now += later
            note(gate.handle_timeout(now))
    assert len(admitted) == len(set(admitted))
    for _ in range(200):
        if not alive:
            break
        now += 30
        note(gate.handle_timeout(now))
        for call in [one for one in alive if one in admitted][:1]:
            alive.discard(call)
            note(gate.leave(call, now))
    assert not alive
