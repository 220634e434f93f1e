"""Supervisors on a talk: they listen, whisper to the operator, barge in, and take over.

``supervisors`` is who is where, and what a supervisor may ask for; ``session`` one supervisor on one call,
from her phone's ring to her hang-up; ``media`` where her voice goes in each mode. The caller's channel is
never touched. docs/decisions/0009 says why it is built so.
"""
