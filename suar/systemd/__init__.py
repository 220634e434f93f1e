"""Suar under systemd: the units of one node, made from its city file.

``render`` makes them and ``check`` refuses what could not work in them; nothing here talks to systemd.
"""
