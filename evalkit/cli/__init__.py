"""The command line: one module per command. Only this package prints, reads the environment or exits."""

from evalkit.cli.app import main

__all__ = ["main"]
