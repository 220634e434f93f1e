"""Every decision about who is served, when and by whom: triage plans, the ACD, service levels.

Pure: no ``async``, no clock, no input or output, no randomness. Time comes in as ``now``, in seconds of
any monotonic clock; what to do comes out as commands. The same events at the same times give the same
commands, so every decision can be replayed from its journal.
"""
