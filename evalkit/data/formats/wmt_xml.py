"""XML of WMT since 2021: sources, references, and the outputs of all systems, with documents and domains, in one file.

::

    <dataset id="wmttest2022"><collection id="general">
      <doc id="d1" origlang="en" domain="news">
        <src lang="en"><p><seg id="1">Good morning.</seg></p></src>
        <ref lang="zh" translator="A"><p><seg id="1">早上好。</seg></p></ref>
        <hyp lang="zh" system="mine"><p><seg id="1">早安。</seg></p></hyp>
      </doc>
    </collection></dataset>
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from evalkit.data.fields import Fields
from evalkit.data.formats.file_format import Format, Row, Table
from evalkit.data.formats.markup import local_name, root_is, text_of, tree
from evalkit.data.opening import Input
from evalkit.errors import InputError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SIDES = {"src": "source", "ref": "target", "hyp": "target"}


def _read(file: Input, fields: Fields) -> Table:
    root = tree(file)
    docs = [element for element in root.iter() if local_name(element) == "doc"]
    if not docs:
        raise InputError(f"{file.name}: no <doc> in this file")
    languages: dict[str, str] = {}
    for side in (side for doc in docs for side in doc):
        role, lang = _SIDES.get(local_name(side)), side.get("lang")
        if role and lang and languages.setdefault(role, lang) != lang:
            both = f"<{local_name(side)}> in {lang}, another in {languages[role]}"
            raise InputError(f"{file.name}: {both}; evalkit reads one pair of languages per file")
    pair = (languages.get("source"), languages.get("target"))
    return Table(file.name, "WMT XML", _segments(file.name, docs), "segment", pair)


def _segments(name: str, docs: list[Element]) -> Iterator[Row]:
    number = 0
    seen: set[str] = set()
    for doc in docs:
        article = doc.get("id") or doc.get("docid") or ""
        if not article or article in seen:
            raise InputError(f"{name}: {'duplicate' if article else 'no'} id {article!r} of a <doc>")
        seen.add(article)
        where = f"{name}: document {article!r}"
        sources: dict[str, str] = {}
        references: dict[str, dict[str, str]] = {}
        systems: dict[str, dict[str, str]] = {}
        for side in doc:
            kind = local_name(side)
            if kind == "src":
                sources = _texts(side, where)
            elif kind == "ref":
                _add(references, side.get("translator") or str(len(references) + 1), side, where)
            elif kind == "hyp":
                _add(systems, side.get("system") or "", side, where)
        ids = list(sources or next(iter([*references.values(), *systems.values()]), {}))
        for side_name, texts in [*references.items(), *systems.items()]:
            if unknown := [id_ for id_ in texts if id_ not in set(ids)]:
                raise InputError(f"{where}: segment {unknown[0]!r} of {side_name!r} has no source")
        for id_ in ids:
            number += 1
            record: dict[str, Any] = {
                "id": f"{article}#{id_}",
                "article": article,
                "references": [texts.get(id_) for texts in references.values()],
                "outputs": {system: texts[id_] for system, texts in systems.items() if id_ in texts},
                "reference_names": list(references),
            }
            if sources:
                record["source"] = sources[id_]
            if doc.get("domain"):
                record["domain"] = doc.get("domain")
            yield number, record


def _add(sides: dict[str, dict[str, str]], key: str, side: Element, where: str) -> None:
    if not key or key in sides:
        tag = f"<{local_name(side)}>"
        raise InputError(f"{where}: " + (f"two {tag} are called {key!r}" if key else f"a {tag} has no name"))
    sides[key] = _texts(side, where)


def _texts(side: Element, where: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for segment in (element for element in side.iter() if local_name(element) == "seg"):
        id_ = segment.get("id") or str(len(texts) + 1)
        if id_ in texts:
            raise InputError(f"{where}: duplicate segment id {id_!r} in <{local_name(side)}>")
        texts[id_] = text_of(segment)
    return texts


WMT_XML = Format("WMT XML", (".xml",), root_is("dataset", "collection"), _read)
