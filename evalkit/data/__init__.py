"""Loading and validation of articles, benchmarks and system outputs; independent of metrics."""
