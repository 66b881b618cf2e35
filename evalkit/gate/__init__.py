"""The gate: compares a run with a baseline and rules, and returns a verdict that can fail a build.

``rules`` reads the rules, ``baseline`` stores the statistics of the earlier run, ``checking`` applies both to a run,
``decisions`` decides on each score, and ``verdict`` is the result. Its reports are in ``evalkit.reports``.
"""
