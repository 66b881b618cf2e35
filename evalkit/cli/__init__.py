"""The command line: one module per command. Only this package prints, reads the environment or exits."""

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of the command ``evalkit``."""
    try:
        from evalkit.cli import app

        app.main()
    except KeyboardInterrupt:  # while evalkit is loaded, or at its very end
        sys.stderr.write("evalkit: interrupted; nothing was written\n")
        sys.exit(130)
