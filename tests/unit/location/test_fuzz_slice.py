"""A slice of what ``make fuzz`` reads in ten minutes: always the same documents."""

from __future__ import annotations

from tests.fuzz.trial import run


def test_made_up_documents_neither_crash_nor_stall_nor_leak() -> None:
    """And are of every kind."""
    tally = run(112, documents=800)
    assert tally.failures == []
    assert tally.objects_grown < 2_000
    assert {"hep", "sip", "pidf-lo", "held", "aml-sms", "aml-https"} <= set(tally.kinds)
    assert tally.with_claims > tally.documents / 20
