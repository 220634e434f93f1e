"""The operator's own words for a place, found as she types them: names, coordinates, plus codes."""

from suar.areas.gazetteer.finding import Finder, Suggestion
from suar.areas.gazetteer.place import Kind, Place
from suar.areas.gazetteer.search import Found, Index

__all__ = ["Finder", "Found", "Index", "Kind", "Place", "Suggestion"]
