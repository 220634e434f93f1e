"""A number's standing: explained, bounded, and gone after a while."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from queues.dispositions import Disposition
from queues.nuisance import (
    ANONYMOUS,
    MOST,
    MOST_OF_MACHINES,
    Because,
    PastCall,
    Standing,
    expires_in_s,
    stand,
)

DAY = 86_400.0
PRANK = PastCall(DAY, Disposition.PRANK, 20)


def reasons(standing: Standing) -> dict[Because, int]:
    return {reason.because: reason.count for reason in standing.reasons}


def test_a_number_that_never_called_has_no_score() -> None:
    """Nor has one without a number."""
    assert stand([]) == Standing(0, ())
    assert (ANONYMOUS.score, ANONYMOUS.is_suppressed(1)) == (0, False)


def test_pranks_that_people_named_add_up_and_are_explained() -> None:
    """Two within two days are enough for the default threshold of 60."""
    assert not stand([PRANK]).is_suppressed(60)
    twice = stand([PRANK, PastCall(2 * DAY, Disposition.PRANK, 20)])
    assert twice.is_suppressed(60)
    assert reasons(twice) == {Because.PRANK: 2}
    assert abs(sum(reason.points for reason in twice.reasons) - twice.score) < 1


def test_an_emergency_takes_away_from_it() -> None:
    """Who cried wolf and then had a fire is heard."""
    pranks = [PRANK, PRANK]
    assert stand([*pranks, PastCall(3600, Disposition.NORMAL, 90)]).score < stand(pranks).score - 20


def test_a_score_expires_by_itself() -> None:
    """Day by day it is less; after the window nothing is left."""
    past = [PRANK, PRANK]
    scores = [stand([PastCall(day * DAY, Disposition.PRANK)] * 2).score for day in range(15)]
    assert scores == sorted(scores, reverse=True)
    assert scores[14] == 0
    left_s = expires_in_s(past, 60)
    assert 0 < left_s < 14 * DAY
    later = [PastCall(one.ago_s + left_s, one.disposition) for one in past]
    assert not stand(later).is_suppressed(60)
    assert expires_in_s([], 60) == 0


def test_many_short_and_silent_calls_are_not_enough_without_a_persons_word() -> None:
    """A victim who calls again and again and dares not speak is put back by nobody."""
    past = [PastCall(minute * 60.0, None, 2, was_silent=minute % 2 == 0) for minute in range(200)]
    standing = stand(past, phones_at_place=20)
    assert standing.score == MOST_OF_MACHINES
    assert set(reasons(standing)) == {Because.SILENT, Because.SHORT, Because.REPEAT, Because.PLACE}


def test_a_call_that_broke_off_says_only_that_it_was_short() -> None:
    """Terputus is no judgement."""
    assert reasons(stand([PastCall(DAY, Disposition.TERPUTUS, 2)])) == {Because.SHORT: 1}
    assert stand([PastCall(DAY, Disposition.TERPUTUS, 40)]).reasons == ()


calls = st.builds(
    PastCall,
    st.floats(0, 30 * DAY),
    st.one_of(st.none(), st.sampled_from(Disposition)),
    st.floats(0, 600),
    st.booleans(),
)


@given(st.lists(calls, max_size=40), st.integers(0, 50))
def test_a_score_stays_within_its_bounds(past: list[PastCall], phones: int) -> None:
    """Whatever happened; and without a prank or a ghost it never reaches the threshold."""
    standing = stand(past, phones_at_place=phones)
    assert 0 <= standing.score <= MOST
    judged = [one for one in past if one.disposition not in {Disposition.PRANK, Disposition.GHOST}]
    assert stand(judged, phones_at_place=phones).score <= MOST_OF_MACHINES
