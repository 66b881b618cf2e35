"""``junit.xml``: the verdict of a gate as test cases, one per article and metric."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from evalkit.gate.verdict import Breach, Change, ChangeState, State, Verdict
from evalkit.results.pair_text import p_equation

__all__ = ["render"]

#: most test cases; a page that shows them chokes on more. Those that failed are always among them.
MAX_CASES = 20_000

#: what XML 1.0 cannot hold in any spelling: control characters, halves of surrogate pairs, U+FFFE and U+FFFF.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_ALL = "all articles"


def render(verdict: Verdict) -> str:
    """The whole file. Names and texts may hold anything: what XML cannot hold becomes U+FFFD."""
    cases = list(_limited(_cases(verdict)))
    if verdict.state is State.INCONCLUSIVE and verdict.failed:
        undecided = Breach("inconclusive", "", "", "", "", verdict.headline)
        cases.append((_testcase("evalkit.gate", "conclusive", [undecided], ""), True))
    failures = sum(1 for _, failed in cases if failed)
    errors = int(verdict.state is State.REFUSED)
    total = len(cases) + errors
    counts = f'tests="{total}" failures="{failures}" errors="{errors}" skipped="0" time="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="evalkit gate" {counts}>',
        f"<testsuite name={_attribute(f'evalkit gate {verdict.benchmark}'.strip())} {counts}>",
    ]
    left = _total(verdict) - sum(1 for case, _ in cases if 'name="conclusive"' not in case)
    if left > 0:
        lines.append(f'<properties><property name="left out" value="{left} passed cases"/></properties>')
    lines.extend(case for case, _ in cases)
    if errors:
        message = " ".join(verdict.notes) or verdict.headline
        lines.append(
            f'<testcase classname="evalkit.gate" name="comparable" time="0">'
            f"<error message={_attribute(verdict.headline)}>{_text(message)}</error></testcase>"
        )
    out = "\n".join([verdict.headline, *verdict.notes])
    lines += [f"<system-out>{_text(out)}</system-out>", "</testsuite>", "</testsuites>"]
    return "\n".join(lines) + "\n"


def _total(verdict: Verdict) -> int:
    counted = sum(1 + len(change.articles) for change in verdict.changes)
    return counted + sum(1 for breach in verdict.breaches if not breach.metric)


def _limited(cases: Iterable[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    room = MAX_CASES
    for case, failed in cases:
        if failed or room > 0:
            room -= 1
            yield case, failed


def _cases(verdict: Verdict) -> Iterator[tuple[str, bool]]:
    broken: dict[tuple[str, str, str, str], list[Breach]] = {}
    for breach in verdict.breaches:
        broken.setdefault((breach.task, breach.system, breach.metric, breach.article), []).append(breach)
    for change in verdict.changes:
        key = (change.task, change.system, change.metric)
        yield _case(change, _ALL, broken.get((*key, ""), []), _said(change))
        ids = verdict.article_ids.get(change.task, ())
        titles = verdict.articles.get(change.task, ())
        before = change.articles_before or (None,) * len(change.articles)
        for id_, title, now, then in zip(ids, titles, change.articles, before, strict=True):
            said = f"{_number(now)}" + (f", {_number(then)} in the baseline" if change.articles_before else "")
            yield _case(change, title, broken.get((*key, id_), []), said)
    for (task, system, metric, _), breaches in broken.items():
        if not metric:
            name = f"{system}: {breaches[0].rule}"
            yield _testcase(f"evalkit.{task}", name, breaches, ""), True


def _case(change: Change, article: str, breaches: list[Breach], said: str) -> tuple[str, bool]:
    classname = f"evalkit.{change.task}.{change.metric}"
    return _testcase(classname, f"{change.system}: {article}", breaches, said), bool(breaches)


def _testcase(classname: str, name: str, breaches: list[Breach], said: str) -> str:
    head = f'<testcase classname={_attribute(classname)} name={_attribute(name)} time="0"'
    inside = ""
    if breaches:
        message = "; ".join(breach.message for breach in breaches)
        rules = ", ".join(dict.fromkeys(breach.rule for breach in breaches))
        inside = f"<failure message={_attribute(message)} type={_attribute(rules)}>{_text(message)}</failure>"
    if said:
        inside += f"<system-out>{_text(said)}</system-out>"
    return f"{head}>{inside}</testcase>" if inside else f"{head}/>"


def _said(change: Change) -> str:
    said = f"{_number(change.new)}"
    if change.state is not ChangeState.NEW:
        said += f", {_number(change.old)} in the baseline: {change.state.value}"
    if change.p_corrected is not None:
        said += f" (corrected {p_equation(change.p_corrected)})"
    return said + (f" ({change.reason})" if change.reason else "")


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.6g}"


def _clean(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


def _text(text: str) -> str:
    return escape(_clean(text))


def _attribute(text: str) -> str:
    return quoteattr(" ".join(_clean(text).split()))
