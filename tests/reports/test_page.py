"""The page in a real browser."""

from __future__ import annotations

import base64
import dataclasses
import re

import pytest
from rapidfuzz.distance import LCSseq

from evalkit import BLEU, ROUGE1, ROUGE2, TER, ChrF
from evalkit.printable import visible
from evalkit.reports import render_as
from evalkit.reports.embedding import link
from evalkit.results.results import Results

from .made_up import GOOD, OTHER, POOR, REFERENCES, SOURCES, benchmark, reading, results
from .pages import Keys, Page

READ = link("translate-en", "bridge", ["good", "poor"])


def test_the_first_screen_has_the_verdict_and_the_leaderboard(page: Page) -> None:
    page.show(reading())
    assert page.texts(".verdict p")[0].startswith("On these two articles good scores better on BLEU than other")
    assert page.texts(".board tbody th") == ["goodbaseline", "other", "poor"]
    assert page.js("return document.querySelector('.board').getBoundingClientRect().top < innerHeight")
    assert page.complaints() == []


@pytest.mark.parametrize("label", ["BLEU", "TER"])
def test_sorting_follows_the_scores_and_their_direction(page: Page, label: str) -> None:
    from evalkit import BLEU, TER

    found = results(metrics=[TER(), BLEU()])
    page.show(found)
    task = found.tasks[0]
    column = [m.label for m in task.metrics].index(label)
    button = page.all("th .sort")[column + 1]
    best_first = [task.systems[i] for i in task.ranked(label)]
    if label == "BLEU":
        button.click()
    assert [t.removesuffix("baseline") for t in page.texts(".board tbody th")] == best_first
    head = page.all(".board thead th[data-column]")[column]
    assert head.get_attribute("aria-sort") == ("descending" if label == "BLEU" else "ascending")
    button.click()
    assert [t.removesuffix("baseline") for t in page.texts(".board tbody th")] == best_first[::-1]
    page.all("th .sort")[0].click()
    assert [t.removesuffix("baseline") for t in page.texts(".board tbody th")] == sorted(task.systems)


def test_a_metric_can_be_left_out(page: Page) -> None:
    page.show(results())
    assert len(page.texts(".board thead th[data-column]")) == 2
    page.js("document.querySelector('input[data-column=\"0\"]').click()")
    assert [t.split()[0] for t in page.texts(".board thead th[data-column]")] == ["chrF"]
    assert len(page.texts(".board tbody tr:first-child td[data-column]")) == 1


def test_another_baseline_turns_the_differences(page: Page) -> None:
    from selenium.webdriver.support.select import Select

    found = results()
    task = found.tasks[0]
    page.show(found, baseline="good")
    scores = dict(zip(task.systems, task.corpus("BLEU"), strict=True))
    for baseline in ("poor", "other", "good"):
        Select(page.one('[data-role="baseline"]')).select_by_visible_text(baseline)
        for row in page.all(".board tbody tr"):
            system = row.get_attribute("data-system")
            shown = row.find_element("css selector", '[data-column="0"] .delta')
            text = shown.get_attribute("textContent")
            if system == baseline:
                assert text == ""
            else:
                difference = scores[system] - scores[baseline]
                assert float(text.replace("−", "-").replace("±", "")) == pytest.approx(difference, abs=0.0051)
        assert page.texts(".badge.base") == ["baseline"]
        assert baseline in page.texts(".closer h4")[0]
    # A screen that was changed and changed back shows what it showed first.
    assert page.texts(".delta") == re.findall(r'class="delta[^>]*>([^<]*)<', page.file.read_text(encoding="utf-8"))


def test_systems_can_be_searched(page: Page) -> None:
    many = {f"system-{i}": [f"{text} {i}" for text in GOOD] for i in range(12)}
    page.show(results(many))
    page.one('[data-role="filter"]').send_keys("TEM-1")
    assert sorted(page.texts(".board tbody th")) in (
        ["system-1", "system-10", "system-11"],
        sorted(["system-1baseline", "system-10", "system-11"]),
    )
    assert page.js("return document.getElementById('said').textContent") == "3 of 12 systems"


def test_a_number_of_the_table_by_article_opens_its_texts(page: Page) -> None:
    page.show(reading())
    page.all(".heat a")[0].click()
    page.wait("return !document.getElementById('reading').hidden")
    assert page.texts("#reading-title") == ["新桥五月通车"]
    assert page.texts(".board") == []
    page.driver.back()
    page.wait("return document.getElementById('reading').hidden")
    page.wait("return document.querySelector('.board').checkVisibility()")


def test_a_link_opens_article_systems_and_segment(page: Page) -> None:
    page.show(reading(), link("translate-en", "river", ["poor", "other"], "river/p04"))
    assert page.texts("#reading-title") == ["The river"]
    assert [t.removesuffix("baseline") for t in page.texts(".segment:first-child .out > .who")] == ["poor", "other"]
    assert page.js("return document.querySelector('.segment.target h3').textContent") == "p04"
    page.wait("return document.querySelector('.segment.target').getBoundingClientRect().top < 400")
    links = [a.get_attribute("href").split("#")[1] for a in page.all(".segment-head a")]
    assert links[1] == "translate-en/river/poor+other/river%2Fp04"


@pytest.mark.parametrize(
    "fragment", ["#nothing", "#translate-en/nowhere", "#%E0%A4%A", "#translate-en/river/nobody", "#main"]
)
def test_a_wrong_link_still_shows_something(page: Page, fragment: str) -> None:
    page.show(reading(), fragment)
    assert page.texts(".board") or page.texts(".segment")
    assert page.complaints() == []


def test_findings_link_source_and_output_and_are_explained(page: Page) -> None:
    page.show(reading(), READ)
    mark = page.one(".out .f.error")
    assert mark.text == "two thousand"
    page.hover(mark)
    page.wait("return !document.getElementById('tip').hidden")
    assert "the output has two thousand" in page.one("#tip").text
    assert page.texts(".f.on") == ["两万", "two thousand"]
    assert mark.get_attribute("aria-describedby") == "tip"
    page.keys(Keys.ESCAPE)
    assert page.js("return document.getElementById('tip').hidden")
    page.js("arguments[0].focus()", page.one(".source .f"))
    page.wait("return document.getElementById('tip').checkVisibility()")
    assert page.texts(".notes li")[-1].endswith("三成 (30%) is missing")


def test_key_facts_are_a_checklist_with_their_sentence(page: Page) -> None:
    page.show(reading(), READ)
    assert page.texts(".checklist h5") == ["Key facts: 1 carried", "Key facts: 1 contradicted, 1 missing"]
    assert page.texts(".carrier q") == [GOOD[2], POOR[2]]
    page.js("arguments[0].focus()", page.one(".fact"))
    assert page.texts(".fact-place.on") == ["open in May"]


def test_differences_are_what_the_two_texts_do_not_share(page: Page) -> None:
    from selenium.webdriver.support.select import Select

    page.show(results(), link("translate-en", "bridge", ["poor", "other"]))
    Select(page.all(".bar select")[1]).select_by_index(1)
    words = re.compile(r"\w+(?:['’.,\-]\w+)*|[^\s\w]")
    script = """return [...document.querySelectorAll('.segment')].map(s => [...s.querySelectorAll(arguments[0])].map(t => [
        t.textContent, [...t.childNodes].map(n => [n.nodeName, n.textContent])]))"""
    for i, (reference, outputs) in enumerate(
        zip(page.js(script, ".references > .one .text"), page.js(script, ".out .text"), strict=True)
    ):
        for (text, nodes), expected in zip(outputs, (POOR[i], OTHER[i]), strict=True):
            assert text == expected
            kept = words.findall(" ".join(part for name, part in nodes if name == "#text"))
            marked = words.findall(" ".join(part for name, part in nodes if name == "INS"))
            assert len(kept) + len(marked) == len(words.findall(text))
            # What is not marked is a longest common subsequence with the reference.
            assert len(kept) == LCSseq.similarity(words.findall(text), words.findall(REFERENCES[i]))
            assert len(kept) == LCSseq.similarity(kept, words.findall(REFERENCES[i]))
        assert reference[0][0] == REFERENCES[i]


def test_chinese_differs_by_character(page: Page) -> None:
    rows = [{"id": "1", "source": "a", "references": ["新桥在五月通车2022年"]}]
    from evalkit.data.benchmark import Benchmark

    page.show(results({"a": ["新桥六月通车2023年"], "b": ["旧桥"]}, bench=Benchmark.from_dataset(rows, lang="en-zh")))
    page.go(link("translate-zh", "1", ["a"]))
    assert page.texts(".out ins") == ["六", "2023"]
    assert page.texts(".references del") == ["在五", "2022"]


def test_segments_can_be_narrowed_to_those_with_problems(page: Page) -> None:
    from selenium.webdriver.support.select import Select

    page.show(reading(), READ)
    assert len(page.texts(".segment")) == 3
    page.go(link("translate-en", "river", ["poor"]))
    assert page.texts("#reading-title") == ["The river"]
    Select(page.one('[data-role="show"]')).select_by_value("problems")
    assert page.texts(".segment h3") == ["p04"]
    Select(page.one('[data-role="show"]')).select_by_value("worst")
    losses = results().tasks[0].by_segment("BLEU")
    expected = sorted((3, 4, 5), key=lambda i: float(losses[2, i] - losses[0, i]))
    assert page.texts(".segment h3") == [f"p{i:02d}" for i in expected]
    # What could not be judged is no loss.
    task = reading().tasks[0]
    lost = dataclasses.replace(task, undefined={"BLEU": {"poor": {expected[0]: "time-out"}}})
    page.show(dataclasses.replace(reading(), tasks=(lost,)), link("translate-en", "river", ["poor"]))
    Select(page.one('[data-role="show"]')).select_by_value("worst")
    assert page.texts(".segment h3") == [f"p{i:02d}" for i in (*expected[1:], expected[0])]


def test_systems_can_be_chosen_and_the_address_follows(page: Page) -> None:
    page.show(reading(), READ)
    page.one(".pick summary").click()
    page.all(".pick input")[1].click()
    assert page.js("return location.hash") == "#translate-en/bridge/good+poor+other"
    assert len(page.texts(".segment:first-child .out")) == 3
    page.keys(Keys.ESCAPE)
    assert not page.one(".pick").get_attribute("open")


def test_long_articles_come_in_steps(page: Page) -> None:
    n = 70
    bench = benchmark(articles=["a"] * n, sources=[SOURCES[i % 6] for i in range(n)])
    found = results({"x": [GOOD[i % 6] for i in range(n)], "y": [POOR[i % 6] for i in range(n)]}, bench=bench)
    page.show(found, link("translate-en", "a"))
    assert len(page.texts(".segment")) == 25
    page.one(".more button").click()
    assert len(page.texts(".segment")) == 50
    page.load(render_as(found, "html"), link("translate-en", "a", ["x"], "a/p65"))
    assert page.js("return document.querySelector('.segment.target h3').textContent") == "p65"


def test_all_works_from_the_keyboard(page: Page) -> None:
    page.show(reading())
    page.keys(Keys.TAB)
    assert page.focused() == "Skip to the results"
    page.keys(Keys.ENTER)
    page.wait("return document.activeElement.id === 'main'")
    page.tab_to('.sort[data-sort="system"]')
    page.keys(Keys.ENTER)
    assert page.texts(".board tbody th")[0].startswith("good")
    page.keys(Keys.ENTER)
    assert page.texts(".board tbody th")[0] == "poor"
    page.tab_to(".heat a")
    page.keys(Keys.TAB, Keys.TAB, Keys.ENTER)
    page.wait("return document.activeElement.id === 'reading-title'")
    page.tab_to(".segment .f")
    page.wait("return document.getElementById('tip').checkVisibility()")
    page.keys("n")
    page.wait("return document.activeElement.matches('.f.error, .fact, .notes li')")
    page.js("document.activeElement.blur()")
    page.js("document.querySelector('.bar a.button').focus()")
    page.keys(Keys.ENTER)
    page.wait("return document.getElementById('reading').hidden")


def test_what_has_the_focus_can_be_seen(page: Page) -> None:
    page.show(reading())
    for _ in range(12):
        page.keys(Keys.TAB)
        outline = page.js(
            """const e = document.activeElement, s = e.matches('.chip input') ? e.nextElementSibling : e;
            const style = getComputedStyle(s); return style.outlineStyle + ' ' + style.outlineWidth"""
        )
        assert outline == "solid 2px"


def test_dark_and_light(page: Page) -> None:
    def lightness() -> float:
        colours = page.js("const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]")
        back, ink = (sum(map(int, re.findall(r"\d+", c)[:3])) / 765 for c in colours)
        return float(back - ink)

    page.show(reading())
    assert lightness() > 0.6
    page.emulate(dark=True)
    assert lightness() < -0.6


@pytest.mark.parametrize("fragment", ["", READ])
def test_nothing_sticks_out_on_a_phone(page: Page, fragment: str) -> None:
    page.emulate(width=390, height=800)
    page.show(reading(), fragment)
    assert page.js("return document.documentElement.scrollWidth") <= 390


def test_print_has_every_task_and_no_controls(page: Page) -> None:
    found = reading()
    two = dataclasses.replace(found, tasks=(found.tasks[0], dataclasses.replace(found.tasks[0], name="again")))
    page.show(two)
    assert len(page.texts(".task")) == 1
    page.emulate(print_=True)
    assert len(page.texts(".task")) == 2
    assert page.texts(".controls") == []
    pdf = page.driver.execute_cdp_cmd("Page.printToPDF", {})["data"]
    assert base64.b64decode(pdf).startswith(b"%PDF")


def test_nothing_leaves_the_page(page: Page) -> None:
    page.show(reading())
    for fragment in (READ, link("translate-en", "river"), "#translate-en"):
        page.go(fragment)
    for mark in page.all(".f")[:3]:
        page.hover(mark)
    assert set(page.requests()) == {page.file.as_uri()}
    # The watch is a real one: what the page does ask for is seen.
    page.load("<!doctype html><img src='http://127.0.0.1:9/x'>")
    assert "http://127.0.0.1:9/x" in page.requests()


def test_no_other_script_may_run(page: Page) -> None:
    attempt = """
        const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s);
        const a = document.createElement('a'); a.href = 'javascript:window.ran = true'; document.body.append(a); a.click();
        const i = document.createElement('img'); i.setAttribute('onerror', 'window.ran = true'); i.src = 'x:';
        document.body.append(i)"""
    html = render_as(results(), "html")
    page.load(html)
    page.js(attempt)
    page.js("return new Promise(done => setTimeout(done, 100))")
    assert page.js("return window.ran") is None
    page.load(re.sub("<meta http-equiv[^>]*>", "", html))
    page.js(attempt)
    assert page.js("return window.ran") is True


PAYLOADS = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<!--<script>",
    '"><img src=x: onerror=window.ran=1>',
    "' onmouseover='window.ran=1' x='",
    '" onfocus="window.ran=1" autofocus="',
    "javascript:window.ran=1",
    "<svg onload=window.ran=1>",
    "a\u2028window.ran=1\u2029b",
    "{{ 7*7 }}{% raw %}${window.ran=1}`",
    "]]></style><script>window.ran=1</script>",
    "\\u003c/script>\\",
    "名字 عربي 🎈\u202egnp.exe",
)


def _hostile() -> Results:
    """A run whose every name and text tries to run something."""

    def all_in_one(i: int) -> str:
        return f"{i}{' '.join(PAYLOADS[i:] + PAYLOADS[:i])}"

    found = reading()
    task = found.tasks[0]
    assert task.texts is not None
    names = {name: all_in_one(i) for i, name in enumerate(task.systems)}
    ids = tuple(all_in_one(i) for i in range(len(task.ids)))
    findings = {
        label: {
            names[system]: tuple(
                tuple(dataclasses.replace(f, message=f.message + PAYLOADS[0], kind=PAYLOADS[3], key=PAYLOADS[4]) for f in row)
                for row in rows
            )
            for system, rows in by_system.items()
        }
        for label, by_system in task.findings.items()
    }  # fmt: skip
    texts = dataclasses.replace(
        task.texts,
        sources=tuple(s + all_in_one(i) for i, s in enumerate(task.texts.sources or ())),
        references=tuple(tuple(r + all_in_one(i) for r in refs) for i, refs in enumerate(task.texts.references)),
        outputs={names[s]: tuple(o + all_in_one(i) for i, o in enumerate(outs)) for s, outs in task.texts.outputs.items()},
        blocks=tuple(PAYLOADS[i % 3] for i in range(len(task.ids))),
        reference_names=(PAYLOADS[1], PAYLOADS[3]),
    )  # fmt: skip
    hostile = dataclasses.replace(
        task,
        name=all_in_one(6),
        systems=tuple(names.values()),
        ids=ids,
        articles=tuple(f"{a}{PAYLOADS[1]}" for a in task.articles or ()),
        missing={names["good"]: (ids[0],)},
        texts=texts,
        findings=findings,
        kind="<b>kind</b>",
        lang='en" onload="window.ran=1',
        source_lang="zh'><script>window.ran=1</script>",
    )
    titles = {a: f"{a}{PAYLOADS[3]}{PAYLOADS[8]}" for a in hostile.articles or ()}
    info = {"command": list(PAYLOADS), "created": PAYLOADS[0], "versions": {PAYLOADS[1]: PAYLOADS[3]}}
    return dataclasses.replace(found, tasks=(hostile,), benchmark=all_in_one(5), titles=titles, info=info)


@pytest.mark.parametrize("policy", [True, False], ids=["with policy", "escaping alone"])
def test_hostile_names_and_texts_stay_text(page: Page, policy: bool) -> None:
    hostile = _hostile()
    html = render_as(hostile, "html")
    scripts = html.count("<script")
    page.load(html if policy else re.sub("<meta http-equiv[^>]*>", "", html))
    names = list(hostile.tasks[0].systems)

    def nothing_ran() -> None:
        page.js("return new Promise(done => setTimeout(done, 50))")
        assert page.js("return window.ran") is None
        assert page.js("return document.scripts.length") == scripts == 4
        assert page.all("img, iframe, object, embed, base, form") == []
        attributes = page.js("return [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())")
        assert not [name for name in attributes if name.startswith("on")]
        links = page.js("return [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
        assert all(href.startswith("#") for href in links)

    nothing_ran()
    assert page.js("return [...document.querySelectorAll('.board tbody tr')].map(r => r.dataset.system)") == names
    assert PAYLOADS[0] in page.driver.title
    for button in page.all(".sort"):
        button.click()
    page.js("document.querySelectorAll('.heat a')[0].click()")
    page.wait("return !document.getElementById('reading').hidden")
    nothing_ran()
    first = hostile.tasks[0].texts
    assert first is not None
    assert page.texts(".segment:first-child .source .text") == [visible(first.sources[0] if first.sources else "")]
    shown = page.texts(".segment:first-child .out .text")
    assert shown
    assert set(shown) <= {visible(texts[0]) for texts in first.outputs.values()}
    # What changes the direction of text, or cannot be seen, is spelled out wherever a reader sees it.
    everything = (
        "return document.body.innerText + "
        "[...document.querySelectorAll('[title], [aria-label]')].map(e => e.title + e.ariaLabel)"
    )
    assert not set("\u202e\u2028\u2029") & set(page.js(everything))
    assert "⟨U+202E⟩gnp.exe" in page.js(everything)
    for mark in page.all(".f")[:4]:
        page.js("arguments[0].focus()", mark)
        page.hover(mark)
    nothing_ran()
    assert set(page.requests()) == {page.file.as_uri()}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("where", ["overview", "texts", "menu", "explanation"])
def test_axe_finds_nothing(page: Page, axe: str, width: int, dark: bool, where: str) -> None:
    page.emulate(width=width, dark=dark)
    page.show(reading(), "" if where == "overview" else READ)
    if width == 390 and where != "overview":
        page.one(".options summary").click()
    if where == "menu":
        page.one(".pick summary").click()
    if where == "explanation":
        page.js("arguments[0].focus()", page.one(".out .f.error"))
    page.js(axe)
    found = page.driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {resultTypes: ['violations']}).then(done, error => done({error: String(error)}))"
    )
    assert "error" not in found
    shown = [f"{v['id']}: {v['help']}: {[n['html'][:200] for n in v['nodes'][:3]]}" for v in found["violations"]]
    assert shown == []
    assert len(found["passes"]) > 10


def test_next_problem_goes_on_by_mouse_and_into_the_next_article(page: Page) -> None:
    page.show(reading(), READ)
    focused = (
        "const e = document.activeElement, segment = e.closest('.segment'); "
        "return segment && segment.getAttribute('aria-label') + ' ' + e.textContent"
    )
    seen = [""]
    for _ in range(12):
        page.one('[data-role="next"]').click()
        seen.append(page.wait(f"const now = (() => {{ {focused} }})(); return now !== arguments[0] && now", seen[-1]))
    del seen[0]
    assert len(set(seen)) > 2
    # Round the end of the task, the first problem comes again.
    assert seen.index(seen[0], 1) == len(set(seen))
    # The focus is in the next article when the click ends, and the event that comes later does not take it away.
    step = "document.querySelector('[data-role=next]').focus(); document.activeElement.click();"
    assert all(page.js(step * 2 + focused) for _ in range(len(set(seen))))
    page.js("return new Promise(done => setTimeout(done, 50))")
    assert page.js(focused)
    assert page.complaints() == []


def test_a_wide_leaderboard_says_that_there_is_more(page: Page) -> None:
    page.emulate(width=390)
    page.show(results(metrics=[BLEU(), ChrF(), TER(), ROUGE1(), ROUGE2()]))
    assert "more columns to the right" in page.one(".hint").text
    page.emulate(width=1400)
    page.show(results())
    assert not page.one(".hint").is_displayed()


def test_the_page_spells_out_the_same_characters_as_python(page: Page) -> None:
    every = [
        chr(i) for i in (*range(1, 0x3000), *range(0xD800, 0xDC00), *range(0xFE00, 0x10000), *range(0xE0000, 0xE0100))
    ]
    spelled = {i: text for i, text in enumerate(map(visible, every)) if text != every[i]}
    names = {"good": GOOD, "poor": ["\x1b[31m\u202eevil\u2069\x07 \ufeff\U000e0041", *POOR[1:]]}
    page.show(results(names), link("translate-en", "bridge", ["poor"]))
    assert page.texts(".segment:first-child .out .text") == [visible(names["poor"][0])]
    pattern = re.search(r"const OBEYED = (/.*/u)", page.file.read_text(encoding="utf-8").replace("/gu;", "/u;"))
    assert pattern
    script = f"return arguments[0].flatMap((c, i) => {pattern[1]}.test(String.fromCodePoint(c)) ? [i] : [])"
    assert page.js(script, list(map(ord, every))) == list(spelled)


@pytest.mark.parametrize(("count", "hint"), [(9, False), (10, False), (12, False), (20, True)])
def test_many_metrics_fit_or_say_that_there_are_more(page: Page, count: int, hint: bool) -> None:
    metrics = [ChrF(beta=1 + i % 10, char_order=1 + i // 10) for i in range(count)]
    page.show(results(metrics=metrics))
    assert page.one(".hint").is_displayed() == hint
    right = page.js(
        "return [...document.querySelectorAll('.board tbody tr:first-child td')].pop().getBoundingClientRect().right"
    )
    assert (right > 1400) == hint


def test_slices_follow_the_metric_that_is_looked_at(page: Page) -> None:
    page.show(results(), by="length")
    shown = page.texts(".heat-block h4")
    assert shown[0] == "translate-en, BLEU by length"
    assert page.texts(".slices thead th")[0] == "system" and "too few)" in page.texts(".slices thead th")[1]
    assert page.texts(".slices td.soft")
    page.js("document.querySelectorAll('input[type=radio]')[1].click()")
    assert page.texts(".heat-block h4")[0] == "translate-en, chrF by length"
    page.one(".heat-block:not([hidden]) .pairs summary").click()
    assert "translate-en, chrF by length: poor against good" in page.texts(".heat-block h4")


def test_each_sample_has_its_text_and_its_findings(page: Page) -> None:
    from evalkit import Quantities
    from evalkit.engine.evaluate import run

    rows = [{"id": "1", "source": "去年有420万人参加。😀", "references": ["Last year 4.2 million people took part."]}]
    texts = ["😀 Last year 4.2 million people took part.", "In all, 42 million people took part.", ""]
    from evalkit.data.benchmark import Benchmark

    bench = Benchmark.from_dataset(rows, lang="zh-en")
    page.show(run(bench, {"a": {"1": texts}}, metrics=[Quantities()], samples=True), link("translate-en", "1"))
    assert page.texts(".sample") == ["sample 1 of 3", "sample 2 of 3", "sample 3 of 3"]
    assert page.texts(".out .text") == [*texts[:2], "empty"]
    assert page.texts(".out .f.error") == ["42 million"]
    assert page.texts(".out .f.ok") == ["4.2 million"]
    notes = page.texts(".out .notes")
    assert len(notes) == 2 and "42 million" in notes[0] and "[2]" not in notes[0]
    page.one('[data-role="next"]').click()
    page.wait("return document.activeElement.textContent === '42 million'")
    assert page.complaints() == []


def test_on_a_phone_the_next_problem_stays_in_reach(page: Page) -> None:
    page.emulate(width=390, height=700)
    page.show(reading(), READ)
    for _ in range(3):
        page.one('[data-role="next"]').click()
        page.wait("return document.activeElement.closest('.segment')")
        box = page.js(
            "const b = document.querySelector('[data-role=next]').getBoundingClientRect(); return [b.top, b.bottom]"
        )
        assert 600 < box[0] < box[1] <= 700
