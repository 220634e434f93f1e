"""Asterisk, brought, configured and run without root and without touching the host.

``debian`` unpacks packages into a private prefix, ``install`` decides which Asterisk to use,
``render`` makes its configuration from the city file, ``process`` runs it.
"""
