"""Where a place is: in which kelurahan, kecamatan and fire circle, and whether it is in the city at all.

A city imports its boundaries once (`suar areas import`); without them everything says "unknown" and goes on.
"""

from suar.areas.model import Area, Areas, Level
from suar.areas.placement import Atlas, Placement, Share
from suar.areas.shapes import Ellipse, Shape, Spot

__all__ = ["Area", "Areas", "Atlas", "Ellipse", "Level", "Placement", "Shape", "Share", "Spot"]
