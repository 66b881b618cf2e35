"""evalkit judges candidate summaries and translations of Chinese news.

The public names are those of ``__init__.pyi``. Each is loaded when it is first used, so that ``import evalkit`` costs next to
nothing.
"""

from itertools import pairwise
from typing import Any

from evalkit.version import __version__ as __version__


def _modules_by_name() -> dict[str, str]:
    modules, module = {}, ""
    with open(f"{__file__}i", encoding="utf-8") as stub:  # noqa: PTH123 - importing pathlib takes longer than all of this
        for line in stub:
            words = line.replace(",", " ").split()
            if line.startswith("from "):
                module = words[1]
            modules |= {name: module for before, name in pairwise(words) if before == "as"}
    return modules


_HOME = _modules_by_name()

__all__ = [*_HOME]

#: Old names, accepted for one release.
_RENAMED = {"Extraction": "Extractiveness"}


def __getattr__(name: str) -> Any:
    if name in _RENAMED:
        import warnings

        warnings.warn(f"evalkit.{name} is now called {_RENAMED[name]}", DeprecationWarning, stacklevel=2)
        name = _RENAMED[name]
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
