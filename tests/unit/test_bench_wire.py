"""What the benches read from SIPp's wire."""

from __future__ import annotations

from tests.bench.phones import free_to_invite_ms, invite_to_ok_ms, read_trace, repeated_invites

_PHONES = """\
2026-11-25\t10:00:00.000000\t100.000000\tR\tc1\tCSeq:1 INVITE\tINVITE sip:op-a@127.0.0.101:5080 SIP/2.0
2026-11-25\t10:00:00.500000\t100.500000\tR\tc2\tCSeq:1 INVITE\tINVITE sip:op-b@127.0.0.101:5080 SIP/2.0
2026-11-25\t10:00:01.000000\t101.000000\tS\tc1\tCSeq:2 BYE\tBYE sip:asterisk@127.0.0.1:5060 SIP/2.0
2026-11-25\t10:00:01.250000\t101.250000\tR\tc3\tCSeq:1 INVITE\tINVITE sip:op-a@127.0.0.101:5080 SIP/2.0
2026-11-25\t10:00:01.750000\t101.750000\tR\tc3\tCSeq:1 INVITE\tINVITE sip:op-a@127.0.0.101:5080 SIP/2.0
"""
_CALLERS = """\
2026-11-25\t10:00:00.000000\t100.000000\tS\tk1\tCSeq:1 INVITE\tINVITE sip:112@127.0.0.1:5060 SIP/2.0
2026-11-25\t10:00:00.500000\t100.500000\tS\tk1\tCSeq:1 INVITE\tINVITE sip:112@127.0.0.1:5060 SIP/2.0
2026-11-25\t10:00:00.625000\t100.625000\tR\tk1\tCSeq:1 INVITE\tSIP/2.0 200 OK
2026-11-25\t10:00:02.000000\t102.000000\tR\tk1\tCSeq:3 BYE\tSIP/2.0 200 OK
"""


def test_a_gap_is_from_an_operators_own_bye_to_the_next_invite_at_her_phone() -> None:
    phones, callers = read_trace(_PHONES), read_trace(_CALLERS)
    assert free_to_invite_ms(phones, callers, at_least=0) == [250.0]


def test_an_operator_whom_nobody_waits_for_has_no_gap() -> None:
    """The only caller was answered before she hung up; one who is not asks for her."""
    phones, callers = read_trace(_PHONES), read_trace(_CALLERS)
    assert free_to_invite_ms(phones, callers, at_least=1) == []
    assert free_to_invite_ms(phones, callers[:2], at_least=1) == [250.0]


def test_a_caller_has_waited_since_her_first_invite() -> None:
    trace = read_trace(_CALLERS)
    assert invite_to_ok_ms(trace) == [625.0]
    assert repeated_invites(trace) == 1
