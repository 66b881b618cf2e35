"""Line-aligned public sets with sound translations, and the written sets of this checkout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.metrics.base import References

WRITTEN = Path(__file__).parents[2] / "tests" / "written"

#: folder, source language, target language, two human references of good quality.
TWO_REFERENCES = (("wmt22-zh-en", "zh", "en", ("ref-A", "ref-B")), ("wmt21-en-zh", "en", "zh", ("ref-A", "ref-B")))


@dataclass(frozen=True)
class Rewording:
    """The same segments in two sound translations; what is found in the second only is a false alarm.

    :param judged: the references that judge each of the two: never the text itself.
    """

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    judged: tuple[References, References]


def lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))


def public_rewordings(folder: Path) -> Iterator[Rewording]:
    """The human references of the public sets, each taken as a rewording of the other."""
    for name, source, target, names in TWO_REFERENCES:
        sources = lines(folder / name / f"source.{source}")
        texts = [lines(folder / name / f"reference.{reference}.{target}") for reference in names]
        judged = [
            References(tuple((text,) for text in other), lang=target, sources=sources, source_lang=source)
            for other in texts[::-1]
        ]
        yield Rewording(f"{name}, A to B", texts[0], texts[1], (judged[0], judged[1]))
        yield Rewording(f"{name}, B to A", texts[1], texts[0], (judged[1], judged[0]))


def written_rewordings() -> Iterator[Rewording]:
    """The bundled references against translations that were written apart from them and from the code."""
    task = load_benchmark().task("translate-en")
    references = references_of(task)
    written: list[dict[str, Any]] = yaml.safe_load((WRITTEN / "sound_translations.yaml").read_text(encoding="utf-8"))
    places = [task.ids.index(f"{item['article']}/{item['block']}") for item in written]
    chosen = _take(references, places)
    before = tuple(references.texts[i][0] for i in places)
    yield Rewording("zh-news, written", before, tuple(item["text"] for item in written), (chosen, chosen))


def _take(references: References, places: list[int]) -> References:
    def some(values: Any) -> Any:
        return None if values is None else tuple(values[i] for i in places)

    return References(
        some(references.texts),
        lang=references.lang,
        sources=some(references.sources),
        source_lang=references.source_lang,
        articles=some(references.articles),
        dates=some(references.dates),
        facts=references.facts,
        terms=references.terms,
        kind=references.kind,
        ids=some(references.ids),
    )
