"""The distribution in virtual time: our own `queues.acd`, told of callers who are drawn or who once called.

``engine`` runs it, ``draws`` makes callers by chance, ``history`` takes them from a journal, ``rules`` says
with which operators and which policy, ``comparison`` measures what came of it, ``trials`` puts it together,
and ``cli`` is ``suar simulate``.
The randomness is here, in generators with a seed; the distribution has none.
"""
