"""``suar report``: the figures of a period, from the journal and, for older calls, the database's timeline.

``sources`` reads, ``periods`` understands what was asked for, ``rendering`` writes text, JSON and CSV; what
is computed, and how, is in `queues.measures`.
"""
