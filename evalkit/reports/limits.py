"""Limits on the content of a report; whatever is omitted is mentioned in the report."""

#: Total bytes of sources, references, outputs and findings.
TEXTS = 16_000_000
#: Characters of one text.
TEXT = 20_000
#: Systems whose outputs and article scores are included, and columns of a heat table.
SYSTEMS, HEAT_SYSTEMS = 60, 40
#: Rows of a heat table, and articles listed on which a system scores below the baseline.
ARTICLES, WORSE = 200, 10
#: Segments per page if the task has no article ids.
CHUNK = 50
