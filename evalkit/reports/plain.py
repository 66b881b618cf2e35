"""Scores as CSV and JSON, for spreadsheets and other programs."""

import csv
import io
import json

from evalkit.printable import spreadsheet_field
from evalkit.reports.view import ReportView
from evalkit.results.metadata import metadata_notes
from evalkit.results.results import Results

_COLUMNS = ("system", "task", "level", "article", "segment", "metric", "score", "low", "high")


def render_csv(results: Results) -> str:
    """Render the scores of all levels, one row each; an undefined score is an empty field.

    If anything was declared about the systems that affects how scores should be read, a last column has it in each
    corpus score's row. Text that a spreadsheet would interpret as a formula is prefixed with an apostrophe.
    """
    declared = {
        (task.name, scored.label, system): "; ".join(notes)
        for task in results.tasks
        for scored in task.metrics
        for system in task.systems
        if (notes := list(metadata_notes(task, [system], [scored.label], ranked=False)))
    }
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*_COLUMNS, *(["declarations"] if declared else [])])
    for row in results.scores():
        fields = [getattr(row, name) for name in _COLUMNS]
        if declared:
            fields.append(declared.get((row.task, row.metric, row.system)) if row.level == "corpus" else None)
        writer.writerow(spreadsheet_field(field) if isinstance(field, str) else field for field in fields)
    return buffer.getvalue()


def render_json(results: Results, view: ReportView) -> str:
    """Render the scores of all levels, and the comparisons with the baseline, as one JSON document."""
    document = {
        "format": "evalkit-report",
        "benchmark": results.benchmark,
        "fingerprint": results.fingerprint,
        "seed": results.seed,
        "signatures": {task.name: {c.label: c.signature for c in task.columns} for task in view.tasks},
        "reference_counts": {task.name: task.reference_counts for task in results.tasks},
        "versions": results.info.get("versions", {}),
        "declarations": {task.name: list(metadata_notes(task)) for task in results.tasks},
        "comparisons": [
            {
                "task": task_view.name,
                "metric": label,
                "system": name,
                "baseline": task_view.baseline,
                "difference": pair.difference,
                "low": pair.low,
                "high": pair.high,
                "p": pair.p_corrected,
                "verdict": pair.verdict,
            }
            for task, task_view in zip(results.tasks, view.tasks, strict=True)
            for label, evidence in task_view.evidence.items()
            for i, name in enumerate(task.systems)
            if (pair := evidence.pairs.get((i, task.system_index(task_view.baseline)))) is not None
        ],
        "scores": results.scores().to_dicts(),
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"
