"""Scoring: shards, executors, the statistics cache, and the run that combines them."""
