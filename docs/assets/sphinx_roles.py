"""Shows the cross-references of docstrings, such as ``:func:`evalkit.run```, as plain code on the pages of the reference."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:class|attr|data|func|meth|mod):`~?([^`<]+?)(?: ?<[^`>]*>)?`")


class SphinxRoles(griffe.Extension):
    """Replaces each role by the name that it refers to."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of an object."""
        if obj.docstring:
            obj.docstring.value = _ROLE.sub(r"`\1`", obj.docstring.value)
