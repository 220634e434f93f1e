"""Every alarm that any process raises has its words in every language of the pages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from dashboards.pages.texts import catalogue, languages
from queues.vocabulary import AlarmCode, OperatorAlarm

ROOT = Path(__file__).parents[2]
RAISERS = {"raise_"}


def constants(node: ast.expr, tree: ast.AST) -> Iterator[str]:
    """Yield the codes that an expression can be; nothing for one that cannot be read."""
    match node:
        case ast.Constant(value=str(text)):
            yield text.partition(":")[0]
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]) if ":" in text:
            yield text.partition(":")[0]
        case ast.JoinedStr(values=[ast.FormattedValue(value=ast.Attribute(attr="value")), *_]):
            yield from (*AlarmCode, *OperatorAlarm)
        case ast.Name(id=name):
            for one in ast.walk(tree):
                if isinstance(one, ast.Assign) and name in {getattr(to, "id", None) for to in one.targets}:
                    yield from constants(one.value, tree)


@cache
def raised() -> dict[str, str]:
    """Return every code that is raised, and where; a code that cannot be read is an error."""
    found: dict[str, str] = {}
    for folder in ("suar", "queues", "ari_app", "agi", "dashboards"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            if "raise_(" not in text and '"alarm"' not in text:
                continue
            tree = ast.parse(text)
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                if isinstance(call.func, ast.Attribute) and call.func.attr in RAISERS:
                    # What the dashboards repeat after the controller was raised there.
                    if path.name == "book.py":
                        continue
                    codes = list(constants(call.args[0], tree))
                    assert codes, f"{where}: write the alarm's code so that this test can read it"
                    found |= dict.fromkeys(codes, where)
                elif any(isinstance(arg, ast.Constant) and arg.value == "alarm" for arg in call.args):
                    for word in (word for word in call.keywords if word.arg == "code"):
                        found |= dict.fromkeys(constants(word.value, tree), where)
    return found


def test_the_codes_are_found_wherever_they_are_raised() -> None:
    """Plain, behind a name, with a subject, from the ACD, and as an event of a call."""
    plain = {"asterisk_lost", "recording_not_chained", "disk_low", "trunk_full", "no_operator"}
    own = {"call_given_back", "controller_gone", "database_deleted", "standby_missing"}
    assert plain | own <= set(raised())


@pytest.mark.parametrize("language", languages())
def test_every_alarm_says_what_it_means_and_what_to_do(language: str) -> None:
    """And no words are left of an alarm that nobody raises."""
    words, codes = catalogue(language), raised()
    for code, where in codes.items():
        for table in ("alarm", "alarm_means", "alarm_do"):
            assert words.get(f"{table}.{code}"), f"{where}: {language}.toml has no {table}.{code}"
    for table in ("alarm", "alarm_means", "alarm_do"):
        known = {key.partition(".")[2] for key in words if key.startswith(f"{table}.")}
        assert known - set(codes) - {"stale", "stale_means"} == set()
