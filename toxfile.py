"""A plugin of tox: its last line names the versions of Python that were not tested, because none was found here."""

from __future__ import annotations

import atexit
import re
from typing import Any

from tox.plugin import impl


@impl
def tox_add_core_config(core_conf: Any, state: Any) -> None:
    """Report when everything else, tox's own summary included, has been printed."""
    if state.conf.options.command in ("run", "run-parallel", "legacy"):
        atexit.register(report, state)


def report(state: Any) -> None:
    """Print the versions of Python whose interpreter is missing, if there are any."""
    skipped = []
    for name in state.envs.iter():
        version = re.fullmatch(r"py(\d)(\d+)", name)
        if version:
            try:
                found = state.envs[name].base_python is not None
            except Exception:  # what tox raises where there is none depends on its settings
                found = False
            skipped += [] if found else [".".join(version.groups())]
    if skipped:
        print(f"not tested, because there is no such interpreter here: Python {', '.join(skipped)}")
