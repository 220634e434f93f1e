"""Names found as they are typed, among tens of thousands, in a millisecond or two.

All words of all names are in one sorted list, so that what begins alike stands together: a word that is half
typed is a range of it, and a range of it is a range of the places. A word with a slip in it is tried in every
way to mend one.
"""

from __future__ import annotations

import string
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from suar.areas.gazetteer.place import Kind, Place
from suar.areas.words import words_of

_LAST = "\uffff"
"""After every word that begins with what stands before it."""
_ALPHABET = string.ascii_lowercase
_SHORTEST_FUZZY = 4
_LONGEST_QUERY = 12
"""Words of a query that are looked at."""
_CANDIDATES = 64

# How much a word of the query that was found is worth.
_EXACT, _BEGUN, _MENDED, _BEGUN_MENDED = 1.0, 0.8, 0.6, 0.45
_ONE_MISSING = 0.7
_BESIDE = 0.4
"""Found in what the place is or where it is, and not in its name."""
_PRIOR = {Kind.KECAMATAN: 0.08, Kind.KELURAHAN: 0.06, Kind.LANDMARK: 0.01, Kind.STREET: 0.0}
_KIND_WORDS = {Kind.KECAMATAN: "kecamatan", Kind.KELURAHAN: "kelurahan desa", Kind.STREET: "jalan"}

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Found:
    """A place, and how well it fits what was typed: 0 to about 2."""

    place: Place
    score: float


class Index:
    """Places by their words. Safe to use from several threads; changed by building another."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = tuple(places)
        names: list[list[str]] = [words_of(place.name) for place in self.places]
        self._folded = [" ".join(words) for words in names]
        own: dict[str, list[int]] = defaultdict(list)
        beside: dict[str, list[int]] = defaultdict(list)
        for number, (place, words) in enumerate(zip(self.places, names, strict=True)):
            aliases = [word for alias in place.aliases for word in words_of(alias)]
            for word in {*words, *_joined(words), *aliases}:
                own[word].append(number)
            for word in {*words_of(place.detail), *_KIND_WORDS.get(place.kind, "").split()} - {*words}:
                beside[word].append(number)
        self._words = _Words({*own, *beside})
        self._worth = (
            (_Postings(self._words.words, beside), _BESIDE),
            (_Postings(self._words.words, own), 1.0),
        )
        self._prior = np.array(
            [
                _PRIOR.get(place.kind, 0.0) - 0.004 * min(len(folded.removeprefix("jalan ")), 50)
                for place, folded in zip(self.places, self._folded, strict=True)
            ],
            dtype=np.float32,
        )

    def search(self, text: str, limit: int = 8) -> list[Found]:
        """Return the places that fit best, the best first; none for a text without a word."""
        words = words_of(text)[:_LONGEST_QUERY]
        if not words or not self.places:
            return []
        typed = [self._typed(word) for word in words]
        # A word that nothing is called was meant to be another.
        scores = [
            score if score.any() else self._mended(word, score)
            for word, score in zip(words, typed, strict=True)
        ]
        total = self._combine(scores)
        for at, word in enumerate(_joined(words)):
            joined = self._typed(word)
            if joined.any():
                np.maximum(total, self._combine([*scores[:at], joined, *scores[at + 2 :]]), out=total)
        if np.count_nonzero(total) < limit:
            mended = [self._mended(word, score) for word, score in zip(words, scores, strict=True)]
            np.maximum(total, self._combine(mended), out=total)
        return self._best(total, words, limit)

    def _combine(self, scores: list[Scores]) -> Scores:
        """Score each place by all words: 0 where one is missing that is found elsewhere."""
        known = [one for one in scores if one.any()]
        if not known:
            return np.zeros(len(self.places), dtype=np.float32)
        found = np.stack(known)
        missing = (found == 0).sum(axis=0)
        total = found.sum(axis=0) / len(scores)
        whole = missing == 0
        if not whole.any() and len(known) > 1:
            return np.where(missing == 1, total * _ONE_MISSING, 0).astype(np.float32)
        return np.where(whole, total, 0).astype(np.float32)

    def _typed(self, word: str) -> Scores:
        """Score each place by one word as it is typed, whole or half."""
        score = np.zeros(len(self.places), dtype=np.float32)
        first, last = self._words.reach(word)
        whole = first + (first < last and self._words.words[first] == word)
        # The last has the word: what is in the name counts more than what is beside it.
        for postings, worth in self._worth:
            score[postings.of(first, last)] = worth * _BEGUN
            score[postings.of(first, whole)] = worth * _EXACT
        return score

    def _mended(self, word: str, score: Scores) -> Scores:
        """Add what a word may have been meant to be; a whole word was meant as it is."""
        first, last = self._words.reach(word)
        is_whole = first < last and self._words.words[first] == word
        if len(word) < _SHORTEST_FUZZY or word.isdigit() or is_whole:
            return score
        mended = np.zeros_like(score)
        reached = [(other, *self._words.reach(other)) for other in _one_slip_from(word)]
        begun = [(first, last) for _, first, last in reached if first < last]
        whole = [
            first for other, first, last in reached if first < last and self._words.words[first] == other
        ]
        for postings, worth in self._worth:
            for first, last in begun:
                mended[postings.of(first, last)] = worth * _BEGUN_MENDED
            for first in whole:
                mended[postings.of(first, first + 1)] = worth * _MENDED
        return np.maximum(score, mended)

    def _best(self, total: Scores, words: list[str], limit: int) -> list[Found]:
        hits = np.flatnonzero(total)
        if not len(hits):
            return []
        ranked = total[hits] + self._prior[hits]
        if len(hits) > _CANDIDATES:
            keep = np.argpartition(-ranked, _CANDIDATES)[:_CANDIDATES]
            hits, ranked = hits[keep], ranked[keep]
        text = " ".join(words)
        found = [
            (float(score) + self._fit(number, text), number)
            for number, score in zip(hits.tolist(), ranked.tolist(), strict=True)
        ]
        found.sort(key=lambda pair: (-pair[0], pair[1]))
        return [Found(self.places[number], round(score, 3)) for score, number in found[:limit]]

    def _fit(self, number: int, text: str) -> float:
        """Return what it is worth that the words stand together, and in this order."""
        name = self._folded[number]
        bare = name.removeprefix("jalan ")
        if text in {name, bare}:
            return 0.5
        if name.startswith(text) or bare.startswith(text):
            return 0.25
        return 0.1 if text in name else 0.0


class _Words:
    """All words, sorted."""

    def __init__(self, words: set[str]) -> None:
        self.words = sorted(words)

    def reach(self, word: str) -> tuple[int, int]:
        """Return where those that begin so stand: the first, and the one after the last."""
        first = bisect_left(self.words, word)
        if first == len(self.words) or not self.words[first].startswith(word):
            return first, first
        return first, bisect_left(self.words, word + _LAST, first)


class _Postings:
    """Which places have which word: the places of each word, beside one another in the words' order."""

    def __init__(self, words: Sequence[str], places_of: dict[str, list[int]]) -> None:
        counts = [len(places_of.get(word, ())) for word in words]
        self._starts = [0, *np.cumsum(counts, dtype=np.int64).tolist()]
        flat = [number for word in words for number in places_of.get(word, ())]
        self._places = np.array(flat, dtype=np.intp)

    def of(self, first: int, last: int) -> NDArray[np.intp]:
        """Return the places that have one of the words from ``first`` to before ``last``."""
        return self._places[self._starts[first] : self._starts[last]]


def _one_slip_from(word: str) -> Iterator[str]:
    """Yield what a word may have been meant to be: a letter more, less, other, or two the other way round."""
    for at in range(len(word)):
        head, tail = word[:at], word[at:]
        yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _ALPHABET:
            if letter != tail[0]:
                yield head + letter + tail[1:]
            yield head + letter + tail


def _joined(words: Sequence[str]) -> list[str]:
    """Return each two words as one: ``Karang Pilang`` is also written ``Karangpilang``."""
    return [first + second for first, second in pairwise(words)]
