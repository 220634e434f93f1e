"""What an operator should know, as an expression: ``medical and not (trainee or night-shift)``.

Names are skills; ``not`` binds tighter than ``and``, ``and`` tighter than ``or``; parentheses group.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from queues.errors import SkillsInvalid

Test = Callable[[Collection[str]], bool]
"""Says whether somebody with these skills is meant."""

MAX_LENGTH = 200
_WORD = re.compile(r"\s*([a-z][a-z0-9-]*|[()])")
_KEYWORDS = frozenset({"and", "or", "not"})


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression."""

    text: str
    names: frozenset[str]
    """The skills that it speaks of."""
    is_met_by: Test


def parse(text: str) -> Expression:
    """Read an expression. Raises :class:`~queues.errors.SkillsInvalid`, which says where it went wrong."""
    if len(text) > MAX_LENGTH:
        raise SkillsInvalid(text[:20] + "...", f"at most {MAX_LENGTH} characters")
    parser = _Parser(text)
    test = parser.either()
    if parser.word is not None:
        raise parser.wrong("and, or, or the end")
    return Expression(text, frozenset(parser.names), test)


def all_of(skills: Iterable[str]) -> Expression:
    """Return the expression that asks for every one of ``skills``; nobody is excluded by none."""
    wanted = frozenset(skills)
    return Expression(" and ".join(sorted(wanted)), wanted, lambda held: wanted <= frozenset(held))


class _Parser:
    """One pass from left to right, a method for each level of binding."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = list(self._split(text))
        self.place = 0
        self.names: set[str] = set()

    @staticmethod
    def _split(text: str) -> Iterable[str]:
        end = len(text.rstrip())
        place = 0
        while place < end:
            found = _WORD.match(text, place)
            if not found:
                raise SkillsInvalid(text, f"{text[place:].strip()[:1]!r} is no part of a skill's name")
            yield found[1]
            place = found.end()

    @property
    def word(self) -> str | None:
        return self.words[self.place] if self.place < len(self.words) else None

    def wrong(self, expected: str) -> SkillsInvalid:
        found = "the end" if self.word is None else repr(self.word)
        return SkillsInvalid(self.text, f"{expected} should stand where {found} is")

    def take(self, word: str) -> bool:
        if self.word != word:
            return False
        self.place += 1
        return True

    def either(self) -> Test:
        tests = [self.both()]
        while self.take("or"):
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda held: any(test(held) for test in tests)

    def both(self) -> Test:
        tests = [self.single()]
        while self.take("and"):
            tests.append(self.single())
        return tests[0] if len(tests) == 1 else lambda held: all(test(held) for test in tests)

    def single(self) -> Test:
        if self.take("not"):
            test = self.single()
            return lambda held: not test(held)
        if self.take("("):
            test = self.either()
            if not self.take(")"):
                raise self.wrong("a closing parenthesis")
            return test
        name = self.word
        if name is None or name in _KEYWORDS or name == ")":
            raise self.wrong("a skill")
        self.place += 1
        self.names.add(name)
        return lambda held: name in held
