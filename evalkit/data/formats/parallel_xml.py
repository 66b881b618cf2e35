"""TMX and XLIFF: parallel texts from translation memories and translation tools.

TMX::

    <tmx version="1.4"><header srclang="en"/><body>
      <tu><tuv xml:lang="en"><seg>Good morning.</seg></tuv><tuv xml:lang="zh"><seg>早上好。</seg></tuv></tu>
    </body></tmx>

XLIFF 1.2 (and 2.0, with ``srcLang``, ``trgLang``, ``unit`` and ``segment``)::

    <xliff version="1.2"><file source-language="en" target-language="zh" original="a"><body>
      <trans-unit id="1"><source>Good morning.</source><target>早上好。</target></trans-unit>
    </body></file></xliff>

The target is a reference or an output, depending on the role of the file. Tags inside a text are removed, and their
text is kept, except that of the native codes ``bpt``, ``ept``, ``it``, ``ph`` and ``ut``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.formats.markup import XML_LANG, local_name, root_is, text_of, tree
from evalkit.data.opening import Input
from evalkit.errors import InputError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def _read_tmx(file: Input, fields: Fields) -> Table:
    root = tree(file)
    header = next((e for e in root.iter() if local_name(e) == "header"), None)
    source = header.get("srclang") if header is not None else None
    return Table(file.name, "TMX", _units(file.name, root), "unit", (None if source == "*all*" else source, None))


def _units(name: str, root: Element) -> Iterator[Row]:
    units = (element for element in root.iter() if local_name(element) == "tu")
    for number, unit in enumerate(units, 1):
        texts: dict[str, str] = {}
        for variant in unit:
            if local_name(variant) != "tuv":
                continue
            lang = variant.get(XML_LANG) or variant.get("lang") or ""
            if not lang or lang in texts:
                problem = f"two <tuv> in {lang}" if lang else "a <tuv> without xml:lang"
                raise InputError(f"{name}, unit {number}: {problem}")
            texts[lang] = " ".join(text_of(e) for e in variant if local_name(e) == "seg")
        yield number, {"id": unit.get("tuid") or str(number), "translation": texts}


def _read_xliff(file: Input, fields: Fields) -> Table:
    root = tree(file)
    files = [e for e in root.iter() if local_name(e) == "file"]
    own = root.get("srcLang"), root.get("trgLang")
    pairs = {(e.get("source-language") or own[0], e.get("target-language") or own[1]) for e in files}
    if len(pairs) != 1:
        raise InputError(f"{file.name}: {len(pairs)} pairs of languages; evalkit reads one pair per file")
    return Table(file.name, "XLIFF", _trans_units(file.name, files), "unit", pairs.pop())


def _trans_units(name: str, files: list[Element]) -> Iterator[Row]:
    number = 0
    for part in files:
        article = part.get("original") or part.get("id")
        for unit in part.iter():
            if local_name(unit) not in ("trans-unit", "unit"):
                continue
            segments = [e for e in unit.iter() if local_name(e) == "segment"] or [unit]
            for index, segment in enumerate(segments):
                number += 1
                sides = {local_name(e): text_of(e) for e in segment if local_name(e) in ("source", "target")}
                if "source" not in sides:
                    raise InputError(f"{name}, unit {number}: no <source>")
                id_ = segment.get("id") or unit.get("id") or str(number)
                if len(segments) > 1:
                    id_ = f"{unit.get('id') or number}#{segment.get('id') or index + 1}"
                prefix = f"{article}#" if len(files) > 1 else ""
                record: dict[str, Any] = {"id": prefix + id_, "source": sides["source"], "text": sides.get("target")}
                if article and len(files) > 1:
                    record["article"] = article
                yield number, record


TMX = Format("TMX", (".tmx",), root_is("tmx"), _read_tmx)
XLIFF = Format("XLIFF", (".xliff", ".xlf"), root_is("xliff"), _read_xliff)
