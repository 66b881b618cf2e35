"""The model and session of a judge, and notes for readers of its judgements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.errors import SettingError, few
from evalkit.metrics.base import References, Runtime
from evalkit.models.chat import Judgement, Question
from evalkit.text.scripts import WORD
from evalkit.wording import count

if TYPE_CHECKING:
    from evalkit.models.judge_session import JudgeSession

#: Words of a segment from which judges are known to find fewer errors.
LONG = 500

#: Words of a name that can identify a family of models.
_LONG_WORD = re.compile("[a-z]{3,}")


def ask(
    metric: str,
    model: str,
    systems: Iterable[str],
    questions: Iterable[Question],
    total: int,
    runtime: Runtime,
    key: str,
) -> list[Judgement]:
    """Ask the judge of a run; record facts about its judgements by ``key``, and report those that readers must know."""
    session, report = session_for(runtime), runtime.progress
    judgements = session.ask(
        questions, report and (lambda done, what: report(done, max(1, total), f"{metric}: {what}"))
    )
    note = runtime.record.setdefault(key, {})
    _note_judgements(note, judgements)
    for sentence in (*_warnings_of(model, systems, note), *([session.stopped] if session.stopped else [])):
        runtime.tell(sentence)
    return judgements


def _note_judgements(note: dict[str, Any], judgements: Sequence[Judgement]) -> None:
    """Record facts about the judgements for the run folder; a replay records the same."""
    counts = {
        "returned": Counter(j.model for j in judgements if j.model),
        "system_fingerprint": Counter(j.fingerprint for j in judgements if j.fingerprint),
        "failed": Counter(j.reason for j in judgements if j.reason is not None),
        "tokens": Counter(input=sum(j.usage.input for j in judgements), output=sum(j.usage.output for j in judgements)),
    }
    for name, counter in counts.items():
        note[name] = dict(sorted((Counter(note.get(name, {})) + counter).items()))
    note["judgements"] = note.get("judgements", 0) + len(judgements)
    note["repaired"] = note.get("repaired", 0) + sum(j.repaired for j in judgements)


def _warnings_of(model: str, systems: Iterable[str], note: Mapping[str, Any]) -> Iterator[str]:
    """Notes for the reader of a judge's scores, from the record of its judgements."""
    for system in systems:
        if same_family(model, system):
            yield f"{model} judges {system}, which seems to be of the same family; judges prefer their own family"
    requested = model_name(model)
    if note["returned"] and not any(name.casefold().startswith(requested.casefold()) for name in note["returned"]):
        yield f"{model} was requested, but the server says that it used {', '.join(note['returned'])}"
    for what, name in (("models", "returned"), ("system fingerprints", "system_fingerprint")):
        if len(note.get(name, ())) > 1:
            counts = ", ".join(f"{value} ({count:,})" for value, count in note[name].items())
            yield f"{model} answered as several {what}: {counts}"
    if failed := sum(note["failed"].values()):
        reason, count = max(note["failed"].items(), key=lambda item: item[1])
        yield f"{failed:,} of {note['judgements']:,} judgements failed and are undefined; {count:,} of them: {reason}"


def warn_of_long_segments(outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime) -> None:
    """Tell which segments are so long that a judge misses some of their errors."""
    texts = (*filter(None, [references.sources]), *outputs.values())
    longest = [max(map(word_count, column)) for column in zip(*texts, strict=True)]
    names = references.ids or range(1, len(longest) + 1)
    long_ids = [str(name) for name, length in zip(names, longest, strict=True) if length > LONG]
    if long_ids:
        runtime.tell(
            f"{count(len(long_ids), 'segment')} longer than {LONG:,} words ({few(long_ids, 5)}): judges find fewer "
            "errors in long texts; split them into paragraphs to compare systems by their errors"
        )


def same_family(model: str, other: str) -> bool:
    """Whether the name of a system or model contains the family of the judge's, such as ``gpt`` of ``openai:gpt-4.1-mini``."""
    own, others = (_LONG_WORD.findall(name.casefold()) for name in (re.split("[:/]", model)[-1], other))
    return bool(own) and own[0] in others


def word_count(text: str) -> int:
    """The number of words of a text; each Chinese character counts as one."""
    return sum(1 for _ in WORD.finditer(text))


def session_for(runtime: Runtime) -> JudgeSession:
    """:raises SettingError: if the run has no judge."""
    if runtime.judge is None:
        raise SettingError(
            "Judge needs a server: on the command line --judge-url or the environment, in Python "
            "runtime=evalkit.Runtime(judge=evalkit.JudgeOptions(url=..., key=...))"
        )
    from evalkit.models.judge_session import session_of

    return session_of(runtime.judge)


def model_name(model: str) -> str:
    """The name in ``openai:NAME``; a :class:`SettingError` for anything else."""
    protocol, colon, name = model.partition(":")
    if not (colon and protocol == "openai" and name.strip() and name.isprintable()):
        problem = f"model={model} is not of this form" if model else "the model is missing"
        raise SettingError(f"Judge: {problem}; write model=openai:NAME, as in Judge(rubric=mqm,model=openai:gpt-4.1)")
    return name
