"""SGM of WMT until 2020: a ``srcset``, a ``refset`` or a ``tstset``, one kind per file; usually not well-formed XML.

::

    <refset setid="newstest2020" srclang="zh" trglang="en">
    <doc docid="d1" sysid="ref"><seg id="1">Good morning & good luck.</seg></doc>
    </refset>
"""

import html
import re
from collections.abc import Iterator

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.formats.markup import root_is
from evalkit.data.opening import Input
from evalkit.errors import InputError

#: The sets, and the role of the texts of each.
_SETS = {"srcset": "source", "refset": "references", "tstset": "output"}
_TAG = re.compile(r"<(srcset|refset|tstset|doc|seg)\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")


def _read(file: Input, fields: Fields) -> Table:
    text = file.text()
    sets = [match for match in _TAG.finditer(text) if match.group(1).lower() in _SETS]
    if len(sets) != 1:
        raise InputError(f"{file.name}: {len(sets)} of <srcset>, <refset> and <tstset>; a file has exactly one")
    languages = _attributes(sets[0].group(2))
    systems = {_attributes(m.group(2)).get("sysid") for m in _TAG.finditer(text) if m.group(1).lower() == "doc"}
    if len(systems) > 1:
        named = ", ".join(sorted(map(str, systems))[:5])
        raise InputError(f"{file.name}: documents of several systems or references ({named}); split the file")
    role = _SETS[sets[0].group(1).lower()]
    pair = (languages.get("srclang"), languages.get("trglang") if role != "source" else None)
    return Table(file.name, "SGM", _segments(file.name, text), languages=pair, role=role)


def _segments(name: str, text: str) -> Iterator[Row]:
    article, line, place = "", 1, 0
    seen: set[str] = set()
    for match in _TAG.finditer(text):
        kind = match.group(1).lower()
        line, place = line + text.count("\n", place, match.start()), match.start()
        attributes = _attributes(match.group(2))
        if kind == "doc":
            article = attributes.get("docid") or attributes.get("id") or ""
        elif kind == "seg":
            end = text.find("</seg", match.end())
            after = _TAG.search(text, match.end())
            if end < 0 or (after and after.start() < end):
                raise InputError(f"{name}:{line}: the <seg> has no end")
            id_ = f"{article}#{attributes.get('id') or len(seen) + 1}"
            if id_ in seen:
                raise InputError(f"{name}:{line}: duplicate segment {id_!r}")
            seen.add(id_)
            content = " ".join(html.unescape(text[match.end() : end]).split())
            yield line, {"id": id_, "article": article, "text": content}


def _attributes(text: str) -> dict[str, str]:
    return {m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(text)}


SGM = Format("SGM", (".sgm", ".sgml"), root_is(*_SETS, "mteval"), _read)
