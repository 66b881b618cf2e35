"""What a run produced: statistics by task, the tables and comparisons read from them, and the run folder."""
