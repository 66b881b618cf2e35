"""Options for files of human scores, shared by several commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from evalkit.data.human import HumanScores
    from evalkit.results.task_results import TaskResults

__all__ = ["human_options", "read_human"]

Command = TypeVar("Command", bound=Callable[..., Any])


def human_options(*, required: bool, what: str) -> Callable[[Command], Command]:
    """Add the options that name a file of human scores and describe how to read it."""
    options = [
        click.option("--human", required=required, metavar="FILE", help=what),
        click.option("--column", metavar="NAME", help="The column of the score; mqm, esa, da, z or score if left out."),
        click.option("--field", "fields", multiple=True, metavar="ROLE=COLUMN", help="Names a column: system=model."),
        click.option(
            "--higher-is-better", type=click.BOOL, metavar="yes|no", help="For a score whose direction is unknown."
        ),
    ]

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def read_human(
    path: str, task: TaskResults, column: str | None, fields: tuple[str, ...], higher_is_better: bool | None
) -> tuple[HumanScores, list[str]]:
    """Return the scores, and notes on how they were read and which systems they belong to."""
    from evalkit.data.fields import Fields
    from evalkit.data.human import match_systems, read_human_scores

    scores = read_human_scores(
        path,
        task.ids,
        articles=task.articles,
        column=column,
        fields=Fields.parse(fields),
        higher_is_better=higher_is_better,
    )
    return scores, [*scores.notes, *match_systems(task.systems, scores.scores, path)]
