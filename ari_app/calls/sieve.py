"""Has the kernel drop the copies of SIP messages that we would not read, before we are woken for them.

A filter on the socket, a program for the packet filter that Linux has had since 2.2 (``man 7 socket``). It
walks the chunks of a packet as `suar.location.hep` does, looks how its message begins, and passes what it
does not understand.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Sequence

from suar.location import hep

_SO_ATTACH_FILTER = 26
"""From Linux's ``asm-generic/socket.h``; Python has no name for it."""
_LOAD_LENGTH, _LOAD_WORD, _LOAD_WORD_AT_X, _LOAD_HALF_AT_X = 0x80, 0x20, 0x40, 0x48
_SET_X, _KEEP_X, _RECALL_X, _A_TO_X, _X_TO_A = 0x01, 0x03, 0x61, 0x07, 0x87
_ADD, _ADD_X = 0x04, 0x0C
_IS, _IS_AT_LEAST, _IS_MORE_THAN_X, _RETURN = 0x15, 0x35, 0x2D, 0x06
_INSTRUCTION = struct.Struct("=HBBI")
_PROGRAM = struct.Struct("@HP")
_WORD = 4
_UDP_HEADER = 8
"""A filter sees a datagram from its header on."""
_CHUNKS = 16
"""Asterisk's packets have 13 at most; one that has its message later passes."""
_PASS, _DROP = (_RETURN, 0, 0, 0xFFFFFFFF), (_RETURN, 0, 0, 0)

_Instructions = list[tuple[int, int, int, int]]
"""Of each its code, how many it skips if it is true, how many if not, and its operand."""


def attach(listening: socket.socket, beginnings: Sequence[bytes]) -> None:
    """Let in only packets whose messages begin so. Raises :class:`OSError` if the kernel will not."""
    code = program(beginnings)
    held = ctypes.create_string_buffer(code, len(code))
    filter_ = _PROGRAM.pack(len(code) // _INSTRUCTION.size, ctypes.addressof(held))
    listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filter_)


def program(beginnings: Sequence[bytes]) -> bytes:
    """Return the filter as the kernel takes it; of each beginning the first four bytes are looked at."""
    first = _UDP_HEADER + hep.HEAD.size
    made: _Instructions = [
        (_LOAD_LENGTH, 0, 0, 0),
        (_IS_AT_LEAST, 1, 0, first),  # Whatever is loaded from beyond the end drops the packet.
        _PASS,
        (_LOAD_WORD, 0, 0, _UDP_HEADER),
        (_IS, 1, 0, int.from_bytes(hep.MAGIC)),
        _PASS,
        (_SET_X, 0, 0, first),
    ]
    words = [int.from_bytes(one[:_WORD]) for one in beginnings]
    made += _look_at_a_chunk(words) * _CHUNKS
    made.append(_PASS)
    return b"".join(_INSTRUCTION.pack(*one) for one in made)


def _look_at_a_chunk(words: Sequence[int]) -> _Instructions:
    """Judge by the chunk at X if it is the message; else go on to the next with that at X."""
    head = hep.CHUNK.size
    judge: _Instructions = [(_LOAD_WORD_AT_X, 0, 0, head)]
    judge += [(_IS, left, 0, word) for left, word in zip(range(len(words), 0, -1), words, strict=True)]
    judge += [_DROP, _PASS]
    return [
        (_KEEP_X, 0, 0, 0),
        (_X_TO_A, 0, 0, 0),
        (_ADD, 0, 0, head + _WORD - 1),
        (_A_TO_X, 0, 0, 0),
        (_LOAD_LENGTH, 0, 0, 0),
        (_IS_MORE_THAN_X, 1, 0, 0),
        _PASS,
        (_RECALL_X, 0, 0, 0),
        (_LOAD_WORD_AT_X, 0, 0, 0),
        (_IS, 0, len(judge), hep.GENERIC << 16 | hep.PAYLOAD),
        *judge,
        (_LOAD_HALF_AT_X, 0, 0, head - 2),
        (_IS_AT_LEAST, 1, 0, head),
        _PASS,
        (_ADD_X, 0, 0, 0),
        (_A_TO_X, 0, 0, 0),
    ]
