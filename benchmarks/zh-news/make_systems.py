"""Make the outputs of the bundled systems: python benchmarks/zh-news/make_systems.py

``lead``         the first sentences, up to the length budget of a long reference summary
``textrank``     the sentences that a random walk over shared tokens visits most (Mihalcea and Tarau 2004,
                 https://aclanthology.org/W04-3252), in their order, up to the same budget
``title``        the headline
``copy-source``  the Chinese source in place of its translation
``llm-draft``, ``llm-hasty``   texts in ``drafts/``, put in the benchmark's order

English summaries of the first three start from the translation of ``llm-draft``, as a pipeline would: the references are
never looked at. The result is the same bytes at every run.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from evalkit.data.articles import read_table
from evalkit.text.sentences import sentences
from evalkit.text.tokenize import mixed_tokens, word_tokens

HERE = Path(__file__).resolve().parent
#: Chinese in characters, English in words: what the long reference summaries were asked to keep to.
BUDGET = {"zh": 200, "en": 150}
DRAFTS = ("llm-draft", "llm-hasty")


def main() -> None:
    articles = [row["id"] for row in read_table("articles")]
    blocks = [row for row in read_table("segments") if row["kind"] != "byline"]
    source = {row["id"]: row["zh"] for row in blocks}
    kinds = {row["id"]: row["kind"] for row in blocks}
    of = {article: [row["id"] for row in blocks if row["article"] == article] for article in articles}

    write("copy-source", "translate-en", source)
    drafts = {name: read_translation(HERE / "drafts" / f"{name}.translate-en.txt") for name in DRAFTS}
    for name, translation in drafts.items():
        write(name, "translate-en", {id_: translation[id_] for id_ in source})
        for lang in ("zh", "en"):
            summaries = read_pairs(HERE / "drafts" / f"{name}.summarize-{lang}.txt")
            write(name, f"summarize-{lang}", {article: summaries[article] for article in articles})

    for lang, texts in (("zh", source), ("en", drafts["llm-draft"])):
        made: dict[str, dict[str, str]] = {"lead": {}, "textrank": {}, "title": {}}
        for article in articles:
            body = [s for id_ in of[article] if kinds[id_] == "paragraph" for s in sentences(texts[id_], lang)]
            made["lead"][article] = join(body, lead(body, lang), lang)
            made["textrank"][article] = join(body, textrank(body, lang), lang)
            made["title"][article] = texts[f"{article}/title"]
        for name, outputs in made.items():
            write(name, f"summarize-{lang}", outputs)


def length(text: str, lang: str) -> int:
    return len(text) if lang == "zh" else len(text.split())


def lead(body: list[str], lang: str) -> list[int]:
    """The first sentences that fit the budget, and always one."""
    chosen: list[int] = []
    used = 0
    for i, sentence in enumerate(body):
        used += length(sentence, lang)
        if chosen and used > BUDGET[lang]:
            break
        chosen.append(i)
    return chosen


def textrank(body: list[str], lang: str) -> list[int]:
    """The best-ranked sentences that fit the budget, in the order of the text."""
    tokens = [set(mixed_tokens(s) if lang == "zh" else word_tokens(s)) for s in body]
    n = len(body)
    similarity = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            size = np.log(len(tokens[i]) or 1) + np.log(len(tokens[j]) or 1)
            if i != j and size > 0:
                similarity[i, j] = len(tokens[i] & tokens[j]) / size
    columns = similarity.sum(axis=0)
    walk = np.divide(similarity, columns, out=np.full((n, n), 1.0 / n), where=columns > 0)
    rank = np.full(n, 1.0 / n)
    for _ in range(100):
        rank = 0.15 / n + 0.85 * walk @ rank
    chosen: list[int] = []
    used = 0
    for i in sorted(range(n), key=lambda i: (-round(float(rank[i]), 12), i)):
        if chosen and used + length(body[i], lang) > BUDGET[lang]:
            continue
        chosen.append(i)
        used += length(body[i], lang)
    return sorted(chosen)


def join(body: list[str], chosen: list[int], lang: str) -> str:
    return ("" if lang == "zh" else " ").join(body[i] for i in chosen)


def read_translation(path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    article = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            article = line[2:]
        else:
            block, text = line.split("\t")
            texts[f"{article}/{block}"] = text
    return texts


def read_pairs(path: Path) -> dict[str, str]:
    return dict(line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())


def write(system: str, task: str, outputs: dict[str, str]) -> None:
    folder = HERE / "systems" / system
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"id": id_, "output": text}, ensure_ascii=False) + "\n" for id_, text in outputs.items()]
    (folder / f"{task}.jsonl").write_text("".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
