"""evalkit judges candidate summaries and translations of Chinese news."""

__version__ = "0.1.0"
