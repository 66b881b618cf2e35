"""Names: does the source contain the names of the output, and say the same about its persons?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Finding, References, Statistics, mean_score
from evalkit.metrics.fact_metric import FactMetric
from evalkit.text.health_checks import has_answer
from evalkit.text.languages import language
from evalkit.text.names import WrongName, check_of_source


@dataclass(frozen=True)
class Names(FactMetric):
    """Share of outputs without wrong names (persons, organizations or places that the source does not contain), 0 to 1.

    A name is also wrong if the source says the same about another person or gives this person another role or rank, and
    a statement about a person if the source negates it, or only the output does.

    Supports Chinese and English outputs (summaries and translations) of Chinese sources, with or without a
    glossary. Names of Chinese persons in English outputs are compared by pinyin. An output with n wrong names
    scores 1 / (1 + n); an empty output, a refusal or an output in another script (a copy of the source) scores 0.
    Undefined for other language pairs. See :mod:`evalkit.text.names` for what is recognized as a name; names
    that are not recognized do not affect the score.
    """

    name: ClassVar[str] = "Names"
    version: ClassVar[int] = 13
    finding_kinds: ClassVar[tuple[str, ...]] = ("wrong-name",)
    summary: ClassVar[str] = (
        "share of outputs without persons, organizations or places that the source does not contain"
    )
    needs: ClassVar[frozenset[str]] = frozenset({"sources"})
    source_languages: ClassVar[frozenset[str] | None] = frozenset({"zh"})
    output_languages: ClassVar[frozenset[str] | None] = frozenset({"zh", "en"})

    columns: ClassVar[tuple[str, ...]] = ("credit", "weight", "wrong")

    def prepare(self, references: References) -> Any:
        """The names of each source."""
        return _Prepared(references)

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Credit over weight: float64[..., 3] to float64[...]; nan if no segment was checked."""
        return mean_score(statistics)


class _Prepared:
    def __init__(self, references: References) -> None:
        if references.sources is None:
            raise SettingError("Names needs sources; use a benchmark that has them")
        self.lang = language(references.lang)
        Names().check_languages(references.lang, references.source_lang)
        self.sources = references.sources
        self._terms = references.terms or {}
        self._articles = references.articles or ("",) * len(references)
        self._whole: dict[str, dict[str, None]] = {}
        for article, source in zip(self._articles, self.sources, strict=True):
            self._whole.setdefault(article, {})[source] = None
        self._translation = references.kind == "translation" and references.articles is not None

    def judge(self, i: int, text: str) -> tuple[WrongName, ...]:
        article = self._articles[i]
        # A translation may contain names from other segments of its article.
        source = "\n".join(self._whole[article]) if self._translation else self.sources[i]
        terms = (*self._terms.get(article, ()), *(self._terms.get("", ()) if article else ()))
        return check_of_source(source, terms).wrong(text, self.lang)

    def row(self, i: int, text: str, judgement: Sequence[WrongName]) -> tuple[float, int, int]:
        wrong = sum(name.sure for name in judgement)
        return has_answer(text, self.sources[i], self.lang) / (1 + wrong), 1, wrong

    def findings(self, _i: int, _text: str, wrong: Sequence[WrongName]) -> Iterator[Finding]:
        return map(_finding, wrong)


_MESSAGES = {
    "title": "“{form}” has the wrong title; the source has {meant}",
    "attributed": "the source says this about {meant}, not about “{form}”",
    "negated": "“{form}” is the opposite of what the source says: “{meant}”",
}


def _finding(name: WrongName) -> Finding:
    if name.why in _MESSAGES:
        message = _MESSAGES[name.why].format(form=name.form, meant=name.meant or "somebody else")
    else:
        meant = f"; it may be meant for {name.meant}" if name.meant else ""
        message = f"“{name.form}” is not in the source{meant}"
    return Finding("wrong-name", "error" if name.sure else "warning", message, None, (name.start, name.end), name.form)
