"""A copy of a city's state that can be put back: made while everything runs, checked before it is used.

`manifest` says what is in a backup, `saving` makes one, `restoring` puts one back, `database` knows SQLite.
"""
