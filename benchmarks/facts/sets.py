"""Line-aligned public sets with correct translations, and the written sets of this checkout."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.metrics.base import References

WRITTEN = Path(__file__).parents[2] / "tests" / "written"

#: references that are too poor to be called correct.
POOR = {("ted21-zh-en", "ref")}

#: the four best systems: by the scores of people where the set has them, else by what its organizers reported.
STRONG = {
    "newstest2017-zh-en": ("Combo-4", "Combo-5", "Combo-6", "Online-A-1710"),
    "wmt21-zh-en": ("NiuTrans", "Facebook-AI", "Online-W", "DIDI-NLP"),
    "wmt22-en-zh": ("Online-W", "Online-B", "JDExploreAcademy", "LanguageX"),
    "wmt24-en-zh": ("GPT-4", "Unbabel-Tower70B", "Claude-3.5", "ONLINE-B"),
    "wmt25-en-zh": ("Algharb", "SRPOL", "Laniqo", "RuZh"),
    **dict.fromkeys(
        (
            "hkma-en-zh",
            *(f"hkma{year}-en-zhTW" for year in (2015, 2017, 2019)),
            *(f"hkma{year}-zh-en" for year in (2016, 2018, 2020, 2022, 2024)),
        ),
        ("CommandA_MT", "Erlendur", "MeGuMa"),
    ),
    **dict.fromkeys(
        (
            *(f"newstest{year}-zh-en" for year in (2018, 2019, 2020)),
            *("newstest2018-en-zh", "flores-en-zh"),
            *(f"{name}-{pair}" for name in ("floresdev", "iwslt17") for pair in ("en-zh", "zh-en")),
        ),
        ("Google", "Microsoft", "Bergamot"),
    ),
    **dict.fromkeys(
        (f"docmt-{name}-zh-en" for name in ("qa", "fiction", "news", "social")),
        ("ChatGPT", "GPT-4", "DeepL", "Google", "Tencent"),
    ),
    **dict.fromkeys(("bio19-zh-en", "bio19-en-zh"), ("ChatGPT", "ChatGPT-domain", "Google")),
    "wmt22sys-en-zh": ("GPT-4", "ChatGPT", "Google"),
    "wmt24sys-en-zh": ("GPT-4o-mini",),
    "newsarchive-en-zh": ("MyMemory",),
    "wets-zh-en": ("Transformer",),
    "wets-en-zh": ("Transformer",),
    "gptmt22-zh-en": ("GPT-4", "ChatGPT", "Microsoft"),
    "news20-en-zh": ("machine",),
    "press-en-zh": ("extension",),
}


@dataclass(frozen=True)
class ParallelSet:
    """A folder of line-aligned files: ``source.zh``, ``reference.NAME.en``, ``systems/NAME.en``.

    :param numbers: the line of each segment, from 1; the file ``lines`` holds them where the set is part of a larger one.
    """

    name: str
    source_lang: str
    target_lang: str
    sources: tuple[str, ...]
    references: dict[str, tuple[str, ...]]
    systems: dict[str, tuple[str, ...]]
    numbers: tuple[int, ...]


def lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))


def parallel_sets(folder: Path, only: str = "") -> Iterator[ParallelSet]:
    """The sets in the folders of ``folder`` whose name contains ``only``, with their correct references and strong systems."""
    for path in sorted(path.parent for path in folder.glob("*/source.*")):
        if only in path.name:
            source = next(path.glob("source.*"))
            source_lang = source.suffix[1:]
            target_lang = "en" if source_lang == "zh" else "zh"
            names = {file: file.name.split(".", 1)[1].rsplit(".", 1)[0] for file in sorted(path.glob("reference.*"))}
            sources, numbered = lines(source), path / "lines"
            yield ParallelSet(
                path.name,
                source_lang,
                target_lang,
                sources,
                {name: lines(file) for file, name in names.items() if (path.name, name) not in POOR},
                {name: lines(path / "systems" / f"{name}.{target_lang}") for name in STRONG.get(path.name, ())},
                tuple(map(int, lines(numbered))) if numbered.exists() else tuple(range(1, len(sources) + 1)),
            )


@dataclass(frozen=True)
class Rewording:
    """The same segments in two correct translations; what is found in the second only is a false alarm.

    :param judged: the references that judge each of the two: never the text itself.
    """

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    judged: tuple[References, References]


def references_from(one: ParallelSet, *names: str) -> References:
    """The named references of a set, with its sources."""
    texts = tuple(zip(*(one.references[name] for name in names), strict=True))
    return References(texts, lang=one.target_lang, sources=one.sources, source_lang=one.source_lang)


def public_rewordings(sets: Iterable[ParallelSet]) -> Iterator[Rewording]:
    """Where a set has two correct references, each taken as a rewording of the other."""
    for one in sets:
        if len(one.references) == 2:
            for a, b in itertools.permutations(one.references):
                judged = references_from(one, b), references_from(one, a)
                yield Rewording(f"{one.name}, {a} to {b}", one.references[a], one.references[b], judged)


def written_rewordings() -> Iterator[Rewording]:
    """The bundled references against translations that were written apart from them and from the code."""
    task = load_benchmark().task("translate-en")
    references = references_of(task)
    written: list[dict[str, Any]] = yaml.safe_load((WRITTEN / "sound_translations.yaml").read_text(encoding="utf-8"))
    places = [task.ids.index(f"{item['article']}/{item['block']}") for item in written]
    rows = {
        part: tuple(values[i] for i in places)
        for part in ("texts", "sources", "articles", "dates", "ids")
        if (values := getattr(references, part)) is not None
    }
    chosen = replace(references, **rows)
    before = tuple(texts[0] for texts in chosen.texts)
    yield Rewording("zh-news, written", before, tuple(item["text"] for item in written), (chosen, chosen))
