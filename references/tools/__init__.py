"""Tools to load, check and build the authored articles and their references.

The source of truth is one YAML file per article in ``references/articles/``; everything else is built from it.
"""

from references.tools.build import build
from references.tools.load import load_article, load_folder

__all__ = ["build", "load_article", "load_folder"]
