"""Recordings after the call: sealed as WAVs, and each chained to the one before it.

`chain` says what follows from what, and does nothing; `ledger` keeps the chain on the disk; `wav` writes
and reads the files; `audit` compares the chain with them.
"""
