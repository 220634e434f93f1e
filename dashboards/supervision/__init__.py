"""What supervisors do from their pages: take part in talks, set operators' states, tell them something.

Each act is written down (``audit``); what an operator may know of it is the city's policy (``sight``).
"""
