"""Independently written refusals, and texts that look like refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, strategies as st

from evalkit.metrics.base import References
from evalkit.metrics.health import Health
from evalkit.metrics.terms import Terms
from evalkit.text.refusals import is_refusal
from evalkit.text.term_matching import Term

WRITTEN = yaml.safe_load((Path(__file__).parents[1] / "written" / "refusals.yaml").read_text("utf-8"))
SOURCE = "孙利军在会上表示，去年农民的收入增长了两成，今年公司将向十二个省派出二十七位特派员。"
REFERENCE = (
    "Sun Lijun told the meeting that farmers had earned a fifth more last year, and that the company would send "
    "27 commissioners to 12 provinces this year."
)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_written_refusals_are_detected(lang: str) -> None:
    written = WRITTEN[lang]
    assert len(written) == 100
    missed = [text for text in written if not is_refusal(text, [SOURCE, REFERENCE])]
    assert len(missed) <= 2, missed


@pytest.mark.parametrize(
    "text",
    [
        "Sorry, I cannot help with that.",
        "I cannot assist with that request.",
        "No summary available.",
        "抱歉，我无法回答这个问题。",
        "很抱歉，我不能协助完成该请求。",
    ],
)
def test_the_commonest_refusals_fail_health_even_in_place_of_a_short_segment(text: str) -> None:
    for lang, source_lang, source, reference in (
        ("en", "zh", "孙利军如是说。", "Sun Lijun said so."),
        ("zh", "en", "Sun Lijun said so.", "孙利军如是说。"),
    ):
        references = References(((reference,),), lang=lang, sources=(source,), source_lang=source_lang)
        assert Health().statistics([text], references).tolist() == [[0, 1]]
        (finding,) = Health().explain(text, references, 0)
        assert (finding.kind, finding.severity) == ("refusal", "error")


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Sorry, I can't answer this question.", ["抱歉，我无法回答这个问题。"]),
        ("抱歉，我帮不了你。", ["Sorry, I can't help you."]),
        ("I don't know.", ["我不知道。"]),
        ("无", ["None"]),
        ("There is no document on the bag", ["袋子上没有单据"]),
        ("但是这个问题并没有得到解决。", ["It didn't work."]),
        ("The company said it could not provide the workers with help.", ["公司表示无法向工人提供帮助。"]),
        (REFERENCE, [SOURCE]),
        (SOURCE, [REFERENCE]),
        ("", [SOURCE]),
        ("I cannot help. " * 100, [SOURCE]),
    ],
)
def test_what_a_source_says_itself_is_no_refusal(text: str, others: list[str]) -> None:
    assert not is_refusal(text, others)


def test_a_bare_word_is_a_refusal_where_much_more_is_asked() -> None:
    for text in ("N/A", "None", "无", "不知道。", "I don't know."):
        assert is_refusal(text, [SOURCE, REFERENCE])
        assert not is_refusal(text, ["天气很好。"])
        assert not is_refusal(text)


def test_a_refused_summary_scores_zero() -> None:
    terms = {"": (Term("孙利军", ("Sun Lijun",), (), "person"),)}
    references = References(((REFERENCE,),), sources=(SOURCE,), source_lang="zh", terms=terms, kind="summary")
    assert Terms().score(Terms().statistics(["I cannot assist with that request."], references)).tolist() == [0]
    assert Terms().score(Terms().statistics(["Farmers earn more."], references)).tolist() == [1]


def outputs(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for source in sorted(folder.glob("*/source.*")):
        name = source.parent.name
        sources = source.read_text("utf-8").removesuffix("\n").split("\n")
        reference = min(source.parent.glob("reference.*"))
        references = reference.read_text("utf-8").removesuffix("\n").split("\n")
        for path in sorted((source.parent / "systems").iterdir()):
            for i, text in enumerate(path.read_text("utf-8").removesuffix("\n").split("\n")):
                yield f"{name}/{path.stem}:{i + 1}", text, sources[i], references[i]


def test_no_good_output_of_public_systems_is_a_refusal(shared_data: Path) -> None:
    """All flags were looked at: refusals of four chat models, or their remarks about the task."""
    every = list(outputs(shared_data))
    assert len(every) > 79_000
    flagged = [place for place, text, source, reference in every if is_refusal(text, [source, reference])]
    models = {
        "wmt24-en-zh/Claude-3.5",
        "wmt24-en-zh/Gemini-1.5-Pro",
        "wmt24-en-zh/Mistral-Large",
        "wmt24-en-zh/Llama3-70B",
    }
    assert {place.rpartition(":")[0] for place in flagged} == models
    assert 10 <= len(flagged) <= 30


@given(st.text(st.sampled_from("Sorry, I can't help. 抱歉我无法回答\n\x00“（") | st.characters(), max_size=80))
def test_any_text_is_answered(text: str) -> None:
    is_refusal(text, [text])


@pytest.mark.parametrize("piece", ["sorry ", "i cannot ", "无法", "a", "抱歉，", ". "])
def test_long_texts_take_linear_time(piece: str) -> None:
    assert not is_refusal(piece * 200_000, [piece * 200_000])


@pytest.mark.parametrize(("name", "missed"), [("refusals", 2), ("refusals_third", 6), ("refusals_fourth", 4)])
def test_refusals_of_the_later_sets(name: str, missed: int) -> None:
    written = yaml.safe_load((Path(__file__).parents[1] / "written" / "tested_once.yaml").read_text("utf-8"))[name]
    found = [text for texts in written.values() for text in texts if not is_refusal(text, [SOURCE, REFERENCE])]
    assert len(found) <= missed, found
