"""What model-backed metrics share: loading, batching, chat clients and the stores of their results."""
