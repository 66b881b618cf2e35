"""``junit.xml``: the verdict of a gate as test cases, one per article and metric."""

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from evalkit.gate.verdict import Breach, Change, ChangeState, State, Verdict
from evalkit.printable import printable
from evalkit.wording import format_number, p_equation

#: Maximum number of test cases, because viewers cannot display more. Failed test cases are always included.
MAX_CASES = 20_000

_ALL = "all articles"


def render(verdict: Verdict) -> str:
    """Return the whole file. Characters in names and texts that XML does not allow are escaped visibly."""
    cases = list(_limited(_cases(verdict)))
    total = sum(1 + len(change.articles) for change in verdict.changes)
    left = total + sum(not breach.metric for breach in verdict.breaches) - len(cases)
    if verdict.state is State.INCONCLUSIVE and verdict.failed:
        undecided = Breach("inconclusive", "", "", "", "", verdict.headline)
        cases.append(_testcase("evalkit.gate", "conclusive", [undecided], ""))
    errors = int(verdict.state is State.REFUSED)
    counts = {
        "tests": str(len(cases) + errors),
        "failures": str(sum(map(_failed, cases))),
        "errors": str(errors),
        "skipped": "0",
        "time": "0",
    }
    root = ElementTree.Element("testsuites", {"name": "evalkit gate", **counts})
    suite = _add(root, "testsuite", name=f"evalkit gate {verdict.benchmark}", **counts)
    if left > 0:
        _add(_add(suite, "properties"), "property", name="left out", value=f"{left} passed cases")
    suite.extend(cases)
    if errors:
        case = _add(suite, "testcase", classname="evalkit.gate", name="comparable", time="0")
        _add(case, "error", " ".join(verdict.notes) or verdict.headline, message=verdict.headline)
    _add(suite, "system-out", "\n".join([verdict.headline, *verdict.notes]))
    ElementTree.indent(root, "")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, tag, {k: _one_line(value) for k, value in attributes.items()})
    element.text = printable(text) or None
    return element


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def _failed(case: ElementTree.Element) -> bool:
    return case.find("failure") is not None


def _limited(cases: Iterable[ElementTree.Element]) -> Iterator[ElementTree.Element]:
    room = MAX_CASES
    for case in cases:
        if room > 0 or _failed(case):
            room -= 1
            yield case


def _cases(verdict: Verdict) -> Iterator[ElementTree.Element]:
    broken: dict[tuple[str, str, str, str], list[Breach]] = {}
    for breach in verdict.breaches:
        broken.setdefault((breach.task, breach.system, breach.metric, breach.article), []).append(breach)
    for change in verdict.changes:
        key = (change.task, change.system, change.metric)
        classname = f"evalkit.{change.task}.{change.metric}"
        yield _testcase(classname, f"{change.system}: {_ALL}", broken.get((*key, ""), []), _described(change))
        articles = verdict.articles.get(change.task, {}).items()
        before = change.articles_before or (None,) * len(change.articles)
        for (id_, title), now, then in zip(articles, change.articles, before, strict=True):
            text = f"{_number(now)}" + (f", {_number(then)} in the baseline" if change.articles_before else "")
            yield _testcase(classname, f"{change.system}: {title}", broken.get((*key, id_), []), text)
    for (task, system, metric, _), breaches in broken.items():
        if not metric:
            name = f"{system}: {breaches[0].rule}"
            yield _testcase(f"evalkit.{task}", name, breaches, "")


def _testcase(classname: str, name: str, breaches: list[Breach], text: str) -> ElementTree.Element:
    case = ElementTree.Element("testcase", {"classname": _one_line(classname), "name": _one_line(name), "time": "0"})
    if breaches:
        message = "; ".join(breach.message for breach in breaches)
        _add(case, "failure", message, message=message, type=", ".join(dict.fromkeys(b.rule for b in breaches)))
    if text:
        _add(case, "system-out", text)
    return case


def _described(change: Change) -> str:
    text = _number(change.new)
    if change.state is not ChangeState.NEW:
        text += f", {_number(change.old)} in the baseline: {change.state.value}"
    if change.p_corrected is not None:
        text += f" (corrected {p_equation(change.p_corrected)})"
    return text + (f" ({change.reason})" if change.reason else "")


def _number(value: float | None) -> str:
    return format_number(value, ".6g", undefined="undefined")
