"""The log: one line per fact, JSON unless a person is reading.

Bind ``call_id`` once, in the task that owns the call; every line below it carries it. The
caller's number and place never go to a log.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO, cast

import structlog

Logger = structlog.stdlib.BoundLogger


def configure(process: str, *, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Set the log up for a process: called once, by its entry point.

    ``process`` is bound to every line, so that one stream may carry several processes.
    """
    out = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    finish: list[structlog.typing.Processor]
    if out.isatty():
        finish = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    else:
        # Without what the variables held: a call's are its caller's number and place.
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        finish = [structlog.processors.ExceptionRenderer(tracebacks), structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=shared + finish,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(process=process)


def get_logger() -> Logger:
    """Return the log, typed."""
    return cast(Logger, structlog.get_logger())
