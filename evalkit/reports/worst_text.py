"""Segments as plain text: the worst ones, and the findings of a check."""

import re
from collections.abc import Iterator, Sequence

from evalkit.printable import printable
from evalkit.results.findings import Checked
from evalkit.results.rows import Rows
from evalkit.results.worst_segments import WorstSegment
from evalkit.wording import count, format_number

#: Maximum characters shown of a text without a marked span, and characters shown around each marked span.
_EXCERPT, _AROUND = 400, 110
#: Maximum characters of a word that an excerpt leaves out instead of cutting it.
_LONGEST_WORD = 20

#: Start and end of a part of a text.
Span = tuple[int, int]

_SPACE = re.compile(r"\s+")


def render(worst: Rows[WorstSegment]) -> str:
    """Render one block per segment: its location, its score, its texts with errors in ⟦ ⟧, one line per finding."""
    if not len(worst):
        return "no segment has an error or scores worse\n"
    blocks = []
    for place, row in enumerate(worst, 1):
        part = f" ({row.slice})" if row.slice else ""
        head = f"{place}. {row.task}, {row.system}, segment {row.segment}{part}: {headline(row)}"
        lines = [head]
        for name, text, spans in texts_of(row):
            parts = marked_parts(text, spans, _EXCERPT)
            lines.append(f"   {name}: " + "".join(f"⟦{part}⟧" if wrong else part for part, wrong in parts))
        lines += [f"   {finding.severity}: {label}: {finding.message}" for label, finding in row.findings]
        blocks.append("\n".join(lines))
    return printable("\n\n".join(blocks)) + "\n"


def headline(row: WorstSegment) -> str:
    """The score, and the loss against the other system: ``chrF 31.20, 12.40 worse than baseline``."""
    text = f"{row.metric} {format_number(row.score, f'.{row.digits}f')}"
    if row.loss is not None:
        text += f", {abs(row.loss):.{row.digits}f} {'worse' if row.loss >= 0 else 'better'} than {row.against}"
    return text + (", missing output" if row.missing else "")


def texts_of(
    row: WorstSegment, references: int = 2, output: str | None = None
) -> Iterator[tuple[str, str, list[Span]]]:
    """Yield the name and the text of source, references and outputs, with the spans of all errors."""
    wrong = [f for _, f in row.findings if f.severity == "error"] or [f for _, f in row.findings]
    if row.source is not None:
        yield "source", row.source, [f.source_span for f in wrong if f.source_span]
    reference_texts = (row.references or ())[:references]
    for i, text in enumerate(reference_texts):
        yield "reference" if len(reference_texts) == 1 else f"reference {i + 1}", text, []
    if row.output is not None:
        spans = [f.output_span for f in wrong if f.output_span]
        yield from _samples(output or row.system, row.output, row.samples, spans)
    if row.against_output is not None and row.against is not None:
        yield row.against, row.against_output or "(empty)", []


def _samples(
    name: str, output: str, samples: Sequence[Span], spans: Sequence[Span]
) -> Iterator[tuple[str, str, list[Span]]]:
    """Yield each sample of an output, or the output itself, with the spans inside it."""
    for k, (start, end) in enumerate(samples, 1):
        inside = [(a - start, b - start) for a, b in spans if start <= a and b <= end]
        yield f"{name}, sample {k}", output[start:end] or "(empty)", inside
    if not samples:
        yield name, output or "(empty)", list(spans)


def marked_parts(text: str, spans: Sequence[Span], limit: int) -> tuple[tuple[str, bool], ...]:
    """Cut a text into pieces on one line, each with whether it is marked.

    Text far from every span is left out; of a text without spans, the first ``limit`` characters are kept.

    >>> marked_parts("a b c", [(2, 3)], 400)
    (('a ', False), ('b', True), (' c', False))
    """
    known = _merged([(start, end) for start, end in spans if 0 <= start < end <= len(text)])
    windows = _merged([(max(0, start - _AROUND), min(len(text), end + _AROUND)) for start, end in known])
    windows = [_whole_words(text, *window) for window in windows or [(0, min(limit, len(text)))]]
    parts: list[tuple[str, bool]] = []
    for start, end in windows:
        # The text left out before this stretch.
        parts += [("…", False)] if start else []
        for first, last in [span for span in known if start <= span[0] < end]:
            parts += [(text[start:first], False), (text[first:last], True)]
            start = last
        parts.append((text[start:end], False))
        last_end = end
    parts += [("…", False)] if last_end < len(text) else []
    return tuple((_SPACE.sub(" ", part), wrong) for part, wrong in parts if part)


def _whole_words(text: str, start: int, end: int) -> Span:
    """Shorten an excerpt by the words that it cuts at either end, if they are short and separated by spaces."""
    if start and (first := _SPACE.search(text, start, start + _LONGEST_WORD)):
        start = first.end()
    if end < len(text) and (last := list(_SPACE.finditer(text, max(start, end - _LONGEST_WORD), end + 1))):
        end = last[-1].start()
    return start, end


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Sort half-open spans and join those that touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def render_findings(checked: Checked) -> str:
    """Render one block per system and task: one line per finding under the id of its output, and a count."""
    lines: list[str] = []
    for (system, task), number in checked.outputs.items():
        items = [item for item in checked.items if (item.system, item.task) == (system, task)]
        lines.append(f"{system}, {task}")
        last = None
        for item in items:
            if item.segment != last:
                lines.append(f"  {printable(item.segment, one_line=True)}")
                last = item.segment
            lines.append(
                f"    {item.finding.severity:<7}  {item.metric}: {printable(item.finding.message, one_line=True)}"
            )
        errors = sum(item.finding.severity == "error" for item in items)
        faulty = len({item.segment for item in items if item.finding.severity == "error"})
        metrics = ", ".join(checked.metrics[task]) or "no metric applies"
        lines += [
            f"  {count(errors, 'error')} in {faulty:,} of {count(number, 'output')}, "
            f"{count(len(items) - errors, 'warning')} ({metrics})",
            "",
        ]
    return "\n".join(lines)
