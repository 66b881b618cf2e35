"""Articles, benchmarks and system outputs: reading and checking, nothing of metrics."""
