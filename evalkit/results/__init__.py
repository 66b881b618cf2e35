"""The output of a run: statistics by task, the tables and comparisons computed from them, and the run folder."""
