"""Options for files of human scores, shared by several commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from evalkit.cli.options import gathered

if TYPE_CHECKING:
    from evalkit.data.human import HumanScores
    from evalkit.results.task_results import TaskResults


@dataclass(frozen=True)
class Human:
    """The options that name a file of human scores and describe how to read it."""

    file: str
    fields: tuple[str, ...]
    reading: dict[str, Any]

    def read(self, task: TaskResults) -> HumanScores:
        """Read the scores, and print notes on how they were read and which systems they belong to."""
        from evalkit.data.fields import Fields
        from evalkit.data.human import match_systems, read_human_scores

        reading = {**self.reading, "fields": Fields.parse(self.fields), "lang": task.lang}
        if task.texts is not None:
            # A judged output may be any of several samples.
            outputs = {name: texts for name, texts in task.texts.outputs.items() if name not in task.samples}
            reading |= {"sources": task.texts.sources, "outputs": outputs}
        scores = read_human_scores(self.file, task.ids, articles=task.articles, **reading)
        for warning in (*scores.notes, *match_systems(task.systems, scores.scores, self.file)):
            click.echo(f"warning: {warning}", err=True)
        return scores


def human_options(*, required: bool, what: str) -> Callable[[Any], Any]:
    """Add the options to a command, which receives them as ``human``; None without a file."""

    def human(file: str | None, fields: tuple[str, ...], **reading: Any) -> Human | None:
        return None if file is None else Human(file, fields, reading)

    return gathered(
        "human",
        human,
        click.option("--human", "file", required=required, metavar="FILE", help=what),
        click.option("--column", metavar="NAME", help="Column with the score.  [default: mqm, esa, da, z or score]"),
        click.option(
            "--field", "fields", multiple=True, metavar="ROLE=COLUMN", help="Column of a role, such as system=model."
        ),
        click.option(
            "--higher-is-better",
            type=click.BOOL,
            metavar="yes|no",
            help="Direction of the human scores, if the file does not tell.",
        ),
    )
