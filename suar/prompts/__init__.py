"""The voice of the service: one table of texts, rendered to 8 kHz files that Asterisk plays.

The files are made once and kept with the texts; nothing is rendered while a caller listens.
"""
