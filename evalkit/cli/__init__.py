"""The command line: one module per command. Only this package prints, reads environment variables or exits."""

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of the command ``evalkit``."""
    try:
        from evalkit.cli import app

        app.main()
    except KeyboardInterrupt:  # during import, or at the very end of the program
        sys.stderr.write("evalkit: interrupted; nothing was written\n")
        sys.exit(130)
