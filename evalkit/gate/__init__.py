"""The gate: a run against a baseline and rules, to a verdict that a build can fail on.

``rules`` reads what is allowed, ``baseline`` holds the earlier run's statistics, ``check`` brings them together with
a run, and ``verdict`` decides from arrays alone. Reports of a verdict are written elsewhere (``evalkit.reports``).
"""
