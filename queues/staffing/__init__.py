"""How many operators a forecast needs: Erlang's formulas, and a plan for each interval of a day.

``erlang`` has the formulas, ``patience`` the one for callers who give up, ``demand`` the forecast and its
surges, ``plan`` the operators that a goal takes.
"""
