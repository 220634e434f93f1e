"""A thin, typed client for the Asterisk REST Interface: events and requests over one websocket.

``connection`` owns the socket, ``events`` are what comes in, ``resources`` are the verbs that go out,
``errors`` is what can go wrong. Ids are ours to choose, so a caller of this package can listen for a thing
before it exists, and send a command twice without harm.
"""
