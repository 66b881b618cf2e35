"""Loading and validation of articles, benchmarks and system outputs; independent of metrics.

What cannot be read raises an error under :class:`evalkit.errors.EvalkitError`, which names the file, the line or the id.
"""
