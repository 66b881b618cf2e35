"""Pages from templates: one file each, everything escaped, and only the page's own style and script may run."""

import base64
import hashlib
import re
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import jinja2

from evalkit.printable import visible

_FOLDER = Path(__file__).parent / "templates"

#: Text from the first to the last letter of a script that is written from right to left, without other letters between.
_RIGHT_TO_LEFT = re.compile(
    r"[R](?:[\W\dR]*[R])?".replace("R", "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff")
)


def render_page(template: str, *, style: str, script: str = "", **values: Any) -> str:
    """Render a template with a style sheet, a script and the content security ``policy`` that allows only these two."""
    parts = {name: _Raw(_part(file)) for name, file in (("style", style), ("script", script)) if file}
    allowed = "".join(f"{name}-src '{_hash(part)}'; " for name, part in sorted(parts.items()))
    policy = f"default-src 'none'; {allowed}base-uri 'none'; form-action 'none'"
    return _environment().get_template(template).render(policy=policy, **parts, **values)


class _Raw(str):
    """The page's own script, style or markup, which is inserted as it is."""

    def __html__(self) -> str:
        return str(self)


@lru_cache
def _part(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@lru_cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        # Hidden characters are escaped, except in values that a template escapes itself (``| e``): names for a script.
        finalize=lambda value: visible(value) if type(value) is str else value,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["isolated"] = _isolated
    return environment


def _isolated(text: str) -> _Raw:
    """Escape the text of an element, and keep names written from right to left from reordering what is around them."""
    return _Raw(_RIGHT_TO_LEFT.sub(r"<bdi>\g<0></bdi>", escape(visible(text), quote=False)))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
