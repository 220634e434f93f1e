"""Suar 112: an open-source emergency call centre for the number 112.

This package holds the command ``suar`` and the leaf that every process shares: the city file
(:mod:`suar.city`), ids, paths, secrets, the log and the root of the error tree.
"""

__version__ = "0.1.0"
