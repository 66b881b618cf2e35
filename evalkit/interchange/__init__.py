"""What other tools write, read; and what they read, written: their logs, their scores, model cards."""
