"""The demonstration: a city with automated callers and operators, and a story told of each call."""
