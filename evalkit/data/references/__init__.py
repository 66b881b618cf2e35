"""The authored articles and their references: reading, checking and building them.

The source of truth is one YAML file an article in ``references/articles/``; everything else is built from it.
"""

from evalkit.data.references.build import build
from evalkit.data.references.load import load_article, load_folder

__all__ = ["build", "load_article", "load_folder"]
