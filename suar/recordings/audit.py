"""Recordings and their chain, compared; and what a crash left behind, put right."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from suar.recordings.chain import GENESIS, Entry, Finding, follow
from suar.recordings.ledger import Ledger
from suar.recordings.wav import convert, digest_as_wav, digest_of, length_s

_RAW_GRACE_S = 3600.0
_WAV_GRACE_S = 60.0


def verify(directory: Path, head: str | None = None) -> Iterator[Finding | Entry]:
    """Check the chain and every recording: yield each entry whose file is as it was sealed, and the rest.

    ``head`` is a hash that was noted elsewhere: the chain has to have it still. Raises :class:`OSError`.
    """
    # Before the chain is read: what is sealed meanwhile has a line, and is not looked for.
    wavs, raws = _strays(directory, "*.wav", _WAV_GRACE_S), orphans(directory)
    seen: set[str] = set()
    has_head = head in {None, GENESIS}
    for found in follow(Ledger(directory).days()):
        if isinstance(found, Entry):
            has_head = has_head or found.hash == head
            if found.file in seen:
                yield Finding(f"{found.file}: is in the chain twice")
                continue
            seen.add(found.file)
            yield _compare(directory, found)
        else:
            yield found
    if not has_head:
        yield Finding(
            f"the chain does not have the head {head}: lines at its end were removed, or it was rewritten"
        )
    yield from (Finding(f"{wav.name}: is not in the chain") for wav in wavs if wav.name not in seen)
    yield from (Finding(f"{raw.name}: was left behind, not sealed") for raw in raws)


def reconcile(directory: Path) -> Iterator[Finding | Entry]:
    """Seal what was left behind and chain what is not in the chain; yield each, and what was left alone.

    Raises :class:`OSError` and :class:`~suar.recordings.ledger.LedgerUnusable`.
    """
    ledger = Ledger(directory)
    chained = {found.file for found in follow(ledger.days()) if isinstance(found, Entry)}
    for raw in orphans(directory):
        wav = raw.with_suffix(".wav")
        if not wav.exists():
            yield ledger.append(wav.stem, wav.name, convert(raw, wav), wav.stat().st_size)
            chained.add(wav.name)
        elif digest_as_wav(raw) == digest_of(wav):
            # Sealed, and cut off before the raw recording was removed.
            raw.unlink()
        else:
            yield Finding(
                f"{raw.name}: left alone: {wav.name} is another recording; listen to both, remove one"
            )
    for wav in _strays(directory, "*.wav", _WAV_GRACE_S):
        if wav.name not in chained:
            yield ledger.append(wav.stem, wav.name, digest_of(wav), wav.stat().st_size)


def orphans(directory: Path) -> list[Path]:
    """Return the raw recordings that nobody writes to and that nobody has sealed for an hour."""
    in_use = _open_files()
    return [raw for raw in _strays(directory, "*.raw", _RAW_GRACE_S) if raw.resolve() not in in_use]


def describe(directory: Path, entry: Entry) -> str:
    """Return a person's line about a recording that was sealed or chained late."""
    return f"{entry.file}: sealed and chained, {length_s(directory / entry.file):.1f} s"


def _compare(directory: Path, entry: Entry) -> Finding | Entry:
    path = directory / entry.file
    try:
        size, sha256 = path.stat().st_size, digest_of(path)
    except FileNotFoundError:
        return Finding(f"{entry.file}: is missing")
    if size != entry.bytes:
        return Finding(f"{entry.file}: has {size} bytes and was sealed with {entry.bytes}")
    if sha256 != entry.sha256:
        return Finding(f"{entry.file}: was changed after it was sealed")
    return entry


def _strays(directory: Path, pattern: str, grace_s: float) -> list[Path]:
    """Return the files that nobody has written to for a while, or that claim to be from the future."""
    found, now = [], time.time()
    for path in sorted(directory.glob(pattern)):
        # A raw recording goes when it is sealed.
        with suppress(FileNotFoundError):
            if not 0 <= now - path.stat().st_mtime < grace_s:
                found.append(path)
    return found


def _open_files() -> set[Path]:
    """Return what this machine's processes have open, as far as we may see it."""
    return set(_resolved(Path("/proc").glob("[0-9]*/fd/*")))


def _resolved(links: Iterable[Path]) -> Iterator[Path]:
    for link in links:
        try:
            yield link.readlink()
        except OSError:
            continue
