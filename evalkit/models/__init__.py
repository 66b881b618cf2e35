"""Shared parts of the model-based metrics: loading, batching, chat clients and stores of results."""
