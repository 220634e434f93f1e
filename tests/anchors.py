"""Points that Erlang's formulas, and a simulation of the distribution, have to meet.

Worked out with forty digits, apart from the code under test. Point 1 is the textbook's hundred calls of three
minutes in half an hour; 6 to 8 are fractions by hand; 14 and 16 are the pair that Garnett, Mandelbaum and
Reiman print (2002), with and without callers who give up.
"""

from __future__ import annotations

from typing import NamedTuple


class AnchorC(NamedTuple):
    """A queue whose callers never give up."""

    number: int
    calls_per_hour: float
    aht_s: float
    operators: int
    within_s: float
    blocked: float
    waits: float
    answered_in_time: float
    asa_s: float
    waiting: float

    @property
    def calls_per_s(self) -> float:
        return self.calls_per_hour / 3600

    @property
    def load(self) -> float:
        return self.calls_per_s * self.aht_s


class AnchorA(NamedTuple):
    """A queue whose callers give up; ``wait_s`` is the mean of all, of those who give up too."""

    number: int
    calls_per_hour: float
    aht_s: float
    patience_s: float
    operators: int
    within_s: float
    waits: float
    abandons: float
    wait_s: float
    waiting: float
    occupancy: float
    answered_in_time: float

    @property
    def calls_per_s(self) -> float:
        return self.calls_per_hour / 3600


ERLANG_C = (
    AnchorC(1, 200, 180, 14, 20, 0.056819143, 0.174131934, 0.888350019, 7.835937, 0.435330),
    AnchorC(2, 200, 180, 11, 20, 0.163232333, 0.682118205, 0.389613812, 122.781277, 6.821182),
    AnchorC(3, 200, 180, 12, 20, 0.119739188, 0.449388224, 0.640158040, 40.444940, 2.246941),
    AnchorC(4, 200, 180, 13, 20, 0.084338863, 0.285270453, 0.795594788, 17.116227, 0.950902),
    AnchorC(5, 720, 240, 55, 15, 0.038374281, 0.238700936, 0.845883092, 8.184032, 1.636806),
    AnchorC(6, 60, 60, 2, 10, 0.200000000, 0.333333333, 0.717839425, 20.000000, 0.333333),
    AnchorC(7, 30, 120, 3, 10, 0.062500000, 0.090909091, 0.923047116, 5.454545, 0.045455),
    AnchorC(8, 30, 120, 4, 10, 0.015384615, 0.020408163, 0.984106106, 0.816327, 0.006803),
    AnchorC(9, 240, 150, 14, 10, 0.056819143, 0.174131934, 0.866627417, 6.529948, 0.435330),
    AnchorC(10, 240, 150, 15, 10, 0.036496945, 0.102042367, 0.926883449, 3.061271, 0.204085),
    AnchorC(11, 240, 150, 16, 15, 0.022301872, 0.057340331, 0.968530959, 1.433508, 0.095567),
    AnchorC(12, 1200, 180, 68, 10, 0.033584891, 0.228033080, 0.853789661, 5.130744, 1.710248),
    AnchorC(13, 1200, 180, 72, 10, 0.016128105, 0.089547476, 0.954024793, 1.343212, 0.447737),
    AnchorC(14, 2880, 60, 50, 20, 0.083337353, 0.694455611, 0.643454601, 20.833668, 16.666935),
    AnchorC(15, 6000, 180, 320, 10, 0.013180940, 0.176081282, 0.942035277, 1.584732, 2.641219),
)

ERLANG_A = (
    AnchorA(16, 2880, 60, 120, 50, 20, 0.467774069, 0.030912249, 3.709470, 2.967576, 0.930324, 0.943018955),
    AnchorA(17, 240, 150, 60, 10, 10, 0.442043886, 0.152438043, 9.146283, 0.609752, 0.847562, 0.649993587),
    AnchorA(18, 240, 150, 60, 12, 15, 0.250557726, 0.072221666, 4.333300, 0.288887, 0.773149, 0.844626689),
    AnchorA(19, 1200, 180, 90, 60, 10, 0.434670793, 0.060219588, 5.419763, 1.806588, 0.939780, 0.744782777),
    AnchorA(20, 1200, 180, 90, 50, 10, 0.819677654, 0.178042492, 16.023824, 5.341275, 0.986349, 0.343219615),
    AnchorA(21, 30, 120, 45, 2, 10, 0.237612419, 0.143581371, 6.461162, 0.053843, 0.428209, 0.789685481),
)
