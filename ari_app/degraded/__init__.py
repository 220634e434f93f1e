"""Calls that Asterisk served without us: read from what it wrote down, and told as any other."""
