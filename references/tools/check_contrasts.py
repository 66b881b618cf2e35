"""Checks that contrasts and variants change exactly one place and violate exactly the listed annotations."""

from __future__ import annotations

from collections.abc import Iterator

from evalkit.errors import InputError
from evalkit.text.facts import View, carries, contradicted
from evalkit.text.quantities import align, extract
from evalkit.text.term_matching import Glossary
from references.tools.check_content import view
from references.tools.schema import Article, Contrast

__all__ = ["Scope", "contrasts"]

#: values of ``breaks`` other than annotations.
_MEANING, _ADDED = "meaning", "added"


def contrasts(article: Article) -> Iterator[tuple[int, str]]:
    """Violations in the contrasts and variants of one article, as line and message."""
    texts: dict[str, str] = {}
    scope = Scope(article)
    for type_, item in article.contrastive():
        name = f"{type_} {item.id}"
        base = article.base_of(item)
        if base is None:
            yield item.line, f"{name}: there is no base {item.base!r} of block {item.block!r}"
            continue
        if item.was == item.now:
            yield item.line, f"{name}: was and now are the same"
            continue
        count = base.count(item.was) if item.was else 0
        if count != 1:
            yield item.line, f"{name}: {item.was!r} occurs {count} times in its base; it must occur exactly once"
            continue
        text = base.replace(item.was, item.now)
        if text in texts:
            yield item.line, f"{name} gives the same text as {texts[text]}"
        texts[text] = name
        try:
            messages = list(_contrast(scope, item, base, text) if type_ == "contrast" else _variant(scope, item, text))
        except InputError:
            # a fact that cannot be parsed is reported at its own line
            continue
        yield from ((item.line, f"{name} {message}") for message in messages)


def _variant(scope: Scope, item: Contrast, text: str) -> Iterator[str]:
    for key in sorted(scope.broken(item, text)):
        yield f"means no change, but breaks {key}"


def _contrast(scope: Scope, item: Contrast, base: str, text: str) -> Iterator[str]:
    unknown = [k for k in item.breaks if k.removeprefix("unseen:") not in {*scope.known, _MEANING, _ADDED}]
    for key in unknown:
        yield f"breaks {key!r}, which the article does not have"
    if not item.breaks:
        yield "breaks nothing; name the fact, the term or the quantity that the error breaks"
    broken = scope.broken(item, text)
    unseen = {key for key in item.breaks if key.startswith("unseen:")}
    declared = {*item.breaks} - unseen - {_MEANING, *unknown}
    for key in sorted(broken - declared):
        yield f"breaks {key} too, which breaks does not name"
    for key in sorted(declared - broken):
        carried = key == _ADDED or key in scope.carried(item, base)
        yield f"does not break {key}: {'the change leaves it whole' if carried else 'its base does not carry it'}"
    for key in sorted(unseen):
        if key.removeprefix("unseen:") in broken:
            yield f"is seen to break {key.removeprefix('unseen:')}; write it without unseen:"


class Scope:
    """Evaluates the annotations of an article on a changed text."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.glossary = Glossary(entry.term for entry in article.terms)
        self.sources = {b.id: extract(b.text("zh"), "zh", article.date) for b in article.blocks}
        self.known = {f"fact:{e.fact.id}" for e in article.facts}
        self.known |= {f"term:{e.term.source}" for e in article.terms}
        self.known |= {f"quantity:{q.id}" for q in article.quantities}
        self._carried: dict[tuple[str, str, str], set[str]] = {}

    def broken(self, item: Contrast, text: str) -> set[str]:
        """The annotations that hold for the base but not for a changed text.

        ``added`` if it violates none of them but states a quantity that is not in the article.
        """
        base = self.article.base_of(item) or ""
        broken = self.carried(item, base) - self.carried(item, text)
        if not broken and self._added(item, text) > self._added(item, base):
            return {_ADDED}
        return broken

    def carried(self, item: Contrast, text: str) -> set[str]:
        """The annotations that hold for a text, out of those that apply to its block or summary."""
        key = (item.lang, item.block, text)
        if key not in self._carried:
            ready = view(self.article, text, item.lang)
            self._carried[key] = self._facts(item, ready) | self._terms(item, text) | self._quantities(item, ready)
        return self._carried[key]

    def _facts(self, item: Contrast, text: View) -> set[str]:
        facts = [e.fact for e in self.article.facts if not item.block or item.block in e.fact.blocks]
        carried = (f for f in facts if carries(f, text) and not contradicted(f, text))
        return {f"fact:{f.id}" for f in carried}

    def _terms(self, item: Contrast, text: str) -> set[str]:
        if item.lang == "zh":
            # organizations and terms have several Chinese forms, of which the article uses one
            names = (o.term for o in self.glossary.source(text) if o.term.kind in ("person", "place"))
            return {f"term:{term.source}" for term in names}
        found = self.glossary.target(text, "en")
        wrong = {o.term for o in found if o.status == "rejected"}
        here = {e.term for e in self.article.terms if not item.block or item.block in e.blocks}
        return {f"term:{o.term.source}" for o in found if o.status == "accepted" and o.term in here - wrong}

    def _quantities(self, item: Contrast, text: View) -> set[str]:
        """The quantities of the block that are correct in a translation; a summary need not contain any of them."""
        if not item.block:
            return set()
        pairs = align(self.sources[item.block], text.quantities)
        right = [p.source.span for p in pairs if p.source is not None and p.severity == "ok"]
        marks = [(q, q.start, q.start + len(q.surface)) for q in self.article.quantities if q.block == item.block]
        return {f"quantity:{q.id}" for q, start, end in marks if any(start < e and s < end for s, e in right)}

    def _added(self, item: Contrast, text: str) -> int:
        """The number of quantities in a text that are not in the article."""
        everything = [q for found in self.sources.values() for q in found]
        source = self.sources[item.block] if item.block else everything
        pairs = align(source, extract(text, item.lang, self.article.date), everything)
        return sum(p.severity != "ok" and p.output is not None for p in pairs)
