"""Every figure of a city's calls, from the event stream alone: nothing is counted on the side.

Records in (what the journal holds), figures out. The same records give the same figures, years later too:
durations are whole milliseconds, so that neither their order nor how they were cut into hours changes a sum.

``calls`` folds a call's events into what is measured of it, ``work`` tells when each operator was busy or
free, ``tally`` adds up, ``figures`` is what comes out, ``reports`` groups by queue, operator, carrier, hour
or day, and ``definitions`` says of each figure what it means, when its clock starts and whose it is.
"""
