"""Loads authored articles from YAML into immutable values; every error has a file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from evalkit.errors import BenchmarkError
from evalkit.text.facts import Fact, Forms
from evalkit.text.term_matching import Term
from references.tools.schema import (
    BLOCK_KINDS,
    FACT_KINDS,
    REPAIR_KINDS,
    SUMMARY_LENGTHS,
    TERM_KINDS,
    TRANSLATIONS,
    Article,
    Block,
    Contrast,
    FactEntry,
    NotQuantity,
    Provenance,
    Quantity,
    Raw,
    Repair,
    Sentence,
    SourceNote,
    Summary,
    TermEntry,
)

__all__ = ["AuthoringError", "article_paths", "load_article", "load_folder"]

_STRING, _INTEGER, _FLOAT = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_NAMES = {
    _STRING: "a text",
    _INTEGER: "a whole number",
    _FLOAT: "a number",
    "tag:yaml.org,2002:bool": "true or false",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:map": "a mapping",
    "tag:yaml.org,2002:seq": "a list",
}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class AuthoringError(BenchmarkError):
    """An error in an authored file.

    :param path: the file.
    :param line: from 1.
    :param reason: what is wrong there, and what to do.
    """

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line, self.reason = path, line, reason


def article_paths(folder: Path) -> list[Path]:
    """The authored files of a references folder, by name.

    :raises BenchmarkError: if there are none.
    """
    paths = sorted((folder / "articles").glob("*.yaml"))
    if not paths:
        raise BenchmarkError(
            f"{folder / 'articles'}: no article; write one YAML file an article (docs/adding-an-article.md)"
        )
    return paths


def load_folder(folder: Path) -> list[Article]:
    """The articles of a references folder, in the order of their position in the raw pages.

    :param folder: holds ``articles/*.yaml``.
    :raises BenchmarkError: if there are none, or one is invalid.
    """
    return sorted(map(load_article, article_paths(folder)), key=lambda a: a.place)


def load_article(path: Path) -> Article:
    """One authored article.

    :raises BenchmarkError: file and line of bad UTF-8, bad YAML, an unknown, missing or duplicate key, a wrong type, a
        duplicate id, or an id that differs from the file name.
    """
    return _Reader(path).article()


class _Reader:
    """Converts YAML nodes into values; nodes have line numbers, plain Python values do not."""

    def __init__(self, path: Path) -> None:
        self.path = path

    # -- nodes ------------------------------------------------------------------------------------------------------

    def fail(self, line: int, reason: str) -> AuthoringError:
        return AuthoringError(self.path, line, reason)

    def root(self) -> yaml.Node:
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise self.fail(1, f"cannot be read: {error.strerror or error}") from error
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise self.fail(line, f"bad UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8") from None
        try:
            node = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self.fail(mark.line + 1 if mark else 1, f"bad YAML: {error.problem or error.context}") from None
        except yaml.YAMLError as error:
            raise self.fail(1, f"bad YAML: {error}") from None
        if node is None:
            raise self.fail(1, "the file is empty; an article is a mapping that begins with id:")
        return node

    def line(self, node: yaml.Node) -> int:
        return int(node.start_mark.line) + 1

    def wrong(self, node: yaml.Node, where: str, wanted: str) -> AuthoringError:
        found = _NAMES.get(node.tag, node.tag)
        shown = f" ({node.value!r})" if isinstance(node, yaml.ScalarNode) and node.value else ""
        hint = "; put it in quotes" if wanted == "a text" and shown else ""
        return self.fail(self.line(node), f"{where} is {found}{shown}, not {wanted}{hint}")

    def mapping(
        self,
        node: yaml.Node,
        where: str,
        required: Sequence[str],
        optional: Sequence[str] = (),
        *,
        any_key: bool = False,
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.wrong(node, where, "a mapping")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.text(key, f"a key of {where}")
            if name in found:
                raise self.fail(self.line(key), f"{where} has the key {name!r} twice")
            if not any_key and name not in required and name not in optional:
                known = ", ".join([*required, *optional])
                raise self.fail(self.line(key), f"{where} has the unknown key {name!r}; it may have {known}")
            found[name] = value
        for name in required:
            if name not in found:
                raise self.fail(self.line(node), f"{where} lacks the key {name!r}")
        return found

    def items(self, node: yaml.Node | None, where: str) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self.wrong(node, where, "a list")
        return list(node.value)

    def text(self, node: yaml.Node | None, where: str, choices: Sequence[str] = ()) -> str:
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or node.tag != _STRING:
            raise self.wrong(node, where, "a text")
        value = str(node.value)
        if choices and value not in choices:
            raise self.fail(self.line(node), f"{where} is {value!r}; it may be {', '.join(choices)}")
        return value

    def date(self, node: yaml.Node, where: str) -> str:
        value = str(node.value)
        parts = value.split("-")
        plain = isinstance(node, yaml.ScalarNode) and all(p.isascii() and p.isdigit() for p in parts)
        if not plain or [len(p) for p in parts] not in ([4], [4, 2], [4, 2, 2]):
            raise self.fail(
                self.line(node), f"{where} is {value!r}; write 2022-07-25, or as far as known 2022-07 or 2022"
            )
        return value

    def texts(self, node: yaml.Node | None, where: str) -> tuple[str, ...]:
        return tuple(self.text(item, f"{where}[{i}]") for i, item in enumerate(self.items(node, where)))

    def integer(self, node: yaml.Node, where: str) -> int:
        if not isinstance(node, yaml.ScalarNode) or node.tag != _INTEGER:
            raise self.wrong(node, where, "a whole number")
        try:
            return int(node.value)
        except ValueError:
            raise self.wrong(node, where, "a plain decimal number") from None

    def number(self, node: yaml.Node | None, where: str) -> float | None:
        if node is None or node.tag == "tag:yaml.org,2002:null":
            return None
        if not isinstance(node, yaml.ScalarNode) or node.tag not in (_INTEGER, _FLOAT):
            raise self.wrong(node, where, "a number")
        try:
            return float(node.value)
        except ValueError:
            raise self.wrong(node, where, "a plain decimal number") from None

    def truth(self, node: yaml.Node | None, where: str, default: bool) -> bool:
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
            raise self.wrong(node, where, "true or false")
        return bool(node.value == "true")

    def distinct(self, pairs: Iterable[tuple[str, int]], what: str) -> None:
        seen: dict[str, int] = {}
        for id, line in pairs:
            if id in seen:
                raise self.fail(line, f"{what} {id!r} is a duplicate (first seen on line {seen[id]})")
            seen[id] = line

    # -- parts ------------------------------------------------------------------------------------------------------

    def article(self) -> Article:
        root = self.mapping(
            self.root(),
            "the article",
            ("id", "byline", "date", "date_inferred", "provenance", "blocks"),
            (
                "raw",
                "repairs",
                "source_notes",
                "summaries",
                "facts",
                "terms",
                "quantities",
                "not_quantities",
                "contrasts",
                "variants",
            ),
        )
        id = self.text(root["id"], "id")
        if id != self.path.stem:
            raise self.fail(self.line(root["id"]), f"id is {id!r}, but the file is called {self.path.name!r}")
        blocks = tuple(self.block(n, f"blocks[{i}]") for i, n in enumerate(self.items(root["blocks"], "blocks")))
        if not blocks:
            raise self.fail(self.line(root["blocks"]), "blocks is empty; an article has at least one")
        self.distinct(((b.id, b.line) for b in blocks), "the block")
        facts = tuple(self.fact(n, f"facts[{i}]") for i, n in enumerate(self.items(root.get("facts"), "facts")))
        self.distinct(((f.fact.id, f.line) for f in facts), "the fact")
        terms = tuple(self.term(n, f"terms[{i}]") for i, n in enumerate(self.items(root.get("terms"), "terms")))
        self.distinct(((t.term.source, t.line) for t in terms), "the term")
        quantities = tuple(
            self.quantity(n, f"quantities[{i}]") for i, n in enumerate(self.items(root.get("quantities"), "quantities"))
        )
        self.distinct(((q.id, q.line) for q in quantities), "the quantity")
        contrasts = self.contrasts(root.get("contrasts"), "contrasts", breaks=True)
        variants = self.contrasts(root.get("variants"), "variants", breaks=False)
        self.distinct(((c.id, c.line) for c in (*contrasts, *variants)), "the contrast")
        return Article(
            path=self.path,
            id=id,
            raw=self.raw(root["raw"]) if "raw" in root else None,
            byline=self.text(root["byline"], "byline"),
            date=self.date(root["date"], "date"),
            date_inferred=self.text(root["date_inferred"], "date_inferred", ("", "year", "all")),
            repairs=tuple(
                self.repair(n, f"repairs[{i}]") for i, n in enumerate(self.items(root.get("repairs"), "repairs"))
            ),
            blocks=blocks,
            summaries=self.summaries(root.get("summaries")),
            facts=facts,
            terms=terms,
            quantities=quantities,
            not_quantities=tuple(
                self.not_quantity(n, f"not_quantities[{i}]")
                for i, n in enumerate(self.items(root.get("not_quantities"), "not_quantities"))
            ),
            contrasts=contrasts,
            variants=variants,
            source_notes=tuple(
                self.source_note(n, f"source_notes[{i}]")
                for i, n in enumerate(self.items(root.get("source_notes"), "source_notes"))
            ),
            provenance=self.provenance(root["provenance"]),
        )

    def raw(self, node: yaml.Node) -> Raw:
        keys = self.mapping(node, "raw", ("file", "sha256", "lines"))
        lines = [self.integer(n, f"raw.lines[{i}]") for i, n in enumerate(self.items(keys["lines"], "raw.lines"))]
        if len(lines) != 2 or not 1 <= lines[0] <= lines[1]:
            raise self.fail(self.line(keys["lines"]), f"raw.lines is {lines}; give the first and the last line, from 1")
        return Raw(
            self.text(keys["file"], "raw.file"),
            self.text(keys["sha256"], "raw.sha256"),
            (lines[0], lines[1]),
            self.line(node),
        )

    def repair(self, node: yaml.Node, where: str) -> Repair:
        keys = self.mapping(node, where, ("kind", "was", "now"), ("supplied", "moved"))
        return Repair(
            self.text(keys["kind"], f"{where}.kind", REPAIR_KINDS),
            self.text(keys["was"], f"{where}.was"),
            self.text(keys["now"], f"{where}.now"),
            self.text(keys.get("supplied"), f"{where}.supplied"),
            self.text(keys.get("moved"), f"{where}.moved"),
            self.line(node),
        )

    def block(self, node: yaml.Node, where: str) -> Block:
        keys = self.mapping(node, where, ("id", "kind", "sentences"))
        sentences = []
        for i, item in enumerate(self.items(keys["sentences"], f"{where}.sentences")):
            inner = f"{where}.sentences[{i}]"
            unit = self.mapping(item, inner, ("zh", *TRANSLATIONS))
            zh, close, news = (self.text(unit[k], f"{inner}.{k}") for k in ("zh", *TRANSLATIONS))
            sentences.append(Sentence(zh, close, news, self.line(item)))
        if not sentences:
            raise self.fail(self.line(node), f"{where} has no sentences")
        kind = self.text(keys["kind"], f"{where}.kind", BLOCK_KINDS)
        return Block(self.text(keys["id"], f"{where}.id"), kind, tuple(sentences), self.line(node))

    def summaries(self, node: yaml.Node | None) -> tuple[Summary, ...]:
        if node is None:
            return ()
        made: list[Summary] = []
        for lang, by_length in self.mapping(node, "summaries", ("zh", "en")).items():
            keys = self.mapping(by_length, f"summaries.{lang}", SUMMARY_LENGTHS)
            where = f"summaries.{lang}.headline"
            made.append(Summary(lang, "headline", 1, self.text(keys["headline"], where), self.line(keys["headline"])))
            for length in SUMMARY_LENGTHS[1:]:
                where = f"summaries.{lang}.{length}"
                for i, item in enumerate(self.items(keys[length], where)):
                    made.append(Summary(lang, length, i + 1, self.text(item, f"{where}[{i}]"), self.line(item)))
        return tuple(made)

    def forms(self, node: yaml.Node | None, where: str) -> dict[str, Forms]:
        if node is None:
            return {}
        keys = self.mapping(node, where, (), ("zh", "en"))
        return {
            lang: tuple(
                self.texts(item, f"{where}.{lang}[{i}]") for i, item in enumerate(self.items(value, f"{where}.{lang}"))
            )
            for lang, value in keys.items()
        }

    def fact(self, node: yaml.Node, where: str) -> FactEntry:
        keys = self.mapping(node, where, ("id", "kind", "tier", "blocks", "zh", "en", "forms"), ("contradicts",))
        tier = self.integer(keys["tier"], f"{where}.tier")
        if tier not in (1, 2, 3):
            raise self.fail(self.line(keys["tier"]), f"{where}.tier is {tier}; it may be 1, 2 or 3")
        forms = self.forms(keys["forms"], f"{where}.forms")
        for lang in ("zh", "en"):
            if not forms.get(lang) or not all(forms[lang]):
                raise self.fail(self.line(keys["forms"]), f"{where}.forms.{lang} needs at least one group of words")
        fact = Fact(
            id=self.text(keys["id"], f"{where}.id"),
            tier=tier,
            statement={lang: self.text(keys[lang], f"{where}.{lang}") for lang in ("zh", "en")},
            forms=forms,
            contradicts=self.forms(keys.get("contradicts"), f"{where}.contradicts"),
            kind=self.text(keys["kind"], f"{where}.kind", FACT_KINDS),
            blocks=self.texts(keys["blocks"], f"{where}.blocks"),
        )
        return FactEntry(fact, self.line(node))

    def term(self, node: yaml.Node, where: str) -> TermEntry:
        keys = self.mapping(node, where, ("zh", "kind", "accepted", "blocks"), ("rejected", "note"))
        accepted = self.texts(keys["accepted"], f"{where}.accepted")
        if not accepted:
            raise self.fail(self.line(node), f"{where}.accepted is empty; give at least one form, the official first")
        term = Term(
            source=self.text(keys["zh"], f"{where}.zh"),
            accepted=accepted,
            rejected=self.texts(keys.get("rejected"), f"{where}.rejected"),
            kind=self.text(keys["kind"], f"{where}.kind", TERM_KINDS),
        )
        note = self.text(keys.get("note"), f"{where}.note")
        return TermEntry(term, self.texts(keys["blocks"], f"{where}.blocks"), note, self.line(node))

    def quantity(self, node: yaml.Node, where: str) -> Quantity:
        keys = self.mapping(
            node,
            where,
            ("block", "surface", "start", "kind"),
            ("low", "high", "unit", "noun", "exact", "date", "checkable", "note"),
        )
        date: tuple[int | None, int | None, int | None] | None = None
        inferred = False
        if "date" in keys:
            inner = self.mapping(keys["date"], f"{where}.date", (), ("year", "month", "day", "year_inferred"))
            date = (
                self._calendar(inner, "year", where),
                self._calendar(inner, "month", where),
                self._calendar(inner, "day", where),
            )
            inferred = self.truth(inner.get("year_inferred"), f"{where}.date.year_inferred", False)
        return Quantity(
            block=self.text(keys["block"], f"{where}.block"),
            surface=self.text(keys["surface"], f"{where}.surface"),
            start=self.integer(keys["start"], f"{where}.start"),
            kind=self.text(keys["kind"], f"{where}.kind"),
            low=self.number(keys.get("low"), f"{where}.low"),
            high=self.number(keys.get("high"), f"{where}.high"),
            unit=self.text(keys.get("unit"), f"{where}.unit"),
            noun=self.text(keys.get("noun"), f"{where}.noun"),
            exact=self.text(keys.get("exact"), f"{where}.exact"),
            date=date,
            year_inferred=inferred,
            checkable=self.truth(keys.get("checkable"), f"{where}.checkable", True),
            note=self.text(keys.get("note"), f"{where}.note"),
            line=self.line(node),
        )

    def _calendar(self, keys: dict[str, yaml.Node], name: str, where: str) -> int | None:
        return self.integer(keys[name], f"{where}.date.{name}") if name in keys else None

    def not_quantity(self, node: yaml.Node, where: str) -> NotQuantity:
        keys = self.mapping(node, where, ("block", "surface", "start", "why"))
        return NotQuantity(
            self.text(keys["block"], f"{where}.block"),
            self.text(keys["surface"], f"{where}.surface"),
            self.integer(keys["start"], f"{where}.start"),
            self.text(keys["why"], f"{where}.why"),
            self.line(node),
        )

    def contrasts(self, node: yaml.Node | None, where: str, *, breaks: bool) -> tuple[Contrast, ...]:
        made = []
        required = ("id", "lang", "base", "kind", *(("breaks", "truth") if breaks else ()), "was", "now")
        for i, item in enumerate(self.items(node, where)):
            inner = f"{where}[{i}]"
            keys = self.mapping(item, inner, required, ("block",))
            made.append(
                Contrast(
                    id=self.text(keys["id"], f"{inner}.id"),
                    lang=self.text(keys["lang"], f"{inner}.lang", ("zh", "en")),
                    base=self.text(keys["base"], f"{inner}.base"),
                    block=self.text(keys.get("block"), f"{inner}.block"),
                    kind=self.text(keys["kind"], f"{inner}.kind"),
                    was=self.text(keys["was"], f"{inner}.was"),
                    now=self.text(keys["now"], f"{inner}.now"),
                    breaks=self.texts(keys.get("breaks"), f"{inner}.breaks"),
                    truth=self.text(keys.get("truth"), f"{inner}.truth"),
                    line=self.line(item),
                )
            )
        return tuple(made)

    def source_note(self, node: yaml.Node, where: str) -> SourceNote:
        keys = self.mapping(node, where, ("block", "zh", "note"))
        return SourceNote(
            self.text(keys["block"], f"{where}.block"),
            self.text(keys["zh"], f"{where}.zh"),
            self.text(keys["note"], f"{where}.note"),
            self.line(node),
        )

    def provenance(self, node: yaml.Node) -> Provenance:
        keys = self.mapping(node, "provenance", ("made_by",), any_key=True)
        parts = {k: self.text(v, f"provenance.{k}") for k, v in keys.items() if k != "made_by"}
        return Provenance(self.text(keys["made_by"], "provenance.made_by"), parts, self.line(node))
