"""Figures, printed by ``make bench``: two things in one run, so that a busy machine spoils neither alone."""
