"""An Asterisk in memory, for tests: the same socket, the same answers, no SIP, no sound and no waiting.

It does what our code depends on and nothing else. A contract test plays the same scenes on it and on the
real one, and compares what both say.
"""

from ari_app.fake_asterisk.asterisk import FakeAsterisk

__all__ = ["FakeAsterisk"]
