"""What is degraded, since when, what it means for callers and what is to be done.

`watch` looks at the parts that this process sees, `database` at its own database; `book` has their alarms and
the call controller's, through restarts of either; the page *Keadaan sistem* shows them in words.
"""
