"""Options for metrics that need a model or recorded scores, shared by the commands that score."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.cli.options import gathered
from evalkit.errors import SettingError

if TYPE_CHECKING:
    from evalkit.data.benchmark import Benchmark
    from evalkit.data.outputs import Outputs
    from evalkit.metrics.base import Metric
    from evalkit.models.judge_options import JudgeOptions
    from evalkit.models.runtime import Runtime

_SCORES = re.compile(r"([^=()]+)(?:\(([^()]*)\))?=(.+)", re.DOTALL)
_SCORES_FORM = "write --scores 'NAME(low=0,high=100)=FILE'; the part in brackets may be left out"


@dataclasses.dataclass(frozen=True)
class ModelOptions:
    """Options for the device and download of models."""

    device: str | None = None
    dtype: str | None = None
    batch_size: int | None = None
    download: bool = False

    def with_dtype(self, metrics: Sequence[Metric] | None) -> tuple[Metric, ...] | None:
        """Return the metrics with the requested dtype."""
        if self.dtype is None:
            return None if metrics is None else tuple(metrics)
        if not any("dtype" in metric.settings() for metric in metrics or ()):
            what = "name one with -m" if metrics is None else "none of the selected metrics does"
            raise SettingError(f"--dtype applies to metrics that use a model; {what}")
        dtype: dict[str, Any] = {"dtype": self.dtype}
        return tuple(dataclasses.replace(m, **dtype) if "dtype" in m.settings() else m for m in metrics or ())

    def runtime(
        self, caches: Path | None, judge: JudgeOptions | None, progress: Callable[[int, int, str], None] | None = None
    ) -> Runtime:
        """Return the runtime for metrics that need a model; ``caches`` is the folder of the user's caches, if any."""
        from evalkit.models.runtime import Runtime

        return Runtime(
            device=self.device,
            batch_size=self.batch_size,
            download=self.download,
            store=caches and caches / "models",
            judge=judge,
            progress=progress,
            notify=lambda sentence: click.echo(f"note: {sentence}", err=True),
        )


#: Adds the options to a command, which receives them as ``models``.
model_options = gathered(
    "models",
    ModelOptions,
    click.option("--device", help="Device for models: cpu, cuda, cuda:1 or mps.  [default: the best available]"),
    click.option(
        "--dtype", type=click.Choice(["float32", "bfloat16"]), help="Precision of models; part of the signature."
    ),
    click.option("--batch-size", type=click.IntRange(1), help="Texts per batch; halved when memory runs out."),
    click.option("--download", is_flag=True, help="Download models that are not on this machine."),
)


def cache_folder() -> Path:
    """Return the folder of the user's caches: EVALKIT_CACHE, or else the system's default."""
    from platformdirs import user_cache_path

    return Path(os.environ["EVALKIT_CACHE"]) if os.environ.get("EVALKIT_CACHE") else user_cache_path("evalkit")


def metric_names(options: Sequence[str]) -> list[str]:
    """The names given with ``-m``, each of which may list several."""
    from evalkit.metrics.parsing import split_names

    return [name for text in options for name in split_names(text)]


def check_named(metrics: Sequence[str]) -> None:
    """Check that the metrics given with ``-m`` exist and that their packages are installed, before anything is read."""
    from evalkit.engine.metric_choice import GROUPS
    from evalkit.metrics.parsing import as_metrics

    names = [name for name in metric_names(metrics) if name not in GROUPS]
    for metric in as_metrics(names) if names else ():
        metric.check_ready(None)


def recorded_scores(options: Sequence[str], bench: Benchmark, outputs: Outputs | None) -> list[Metric]:
    """Read the metrics of ``--scores NAME(SETTINGS)=FILE``; texts in the file are compared with the outputs, if any."""
    from evalkit.data.recorded_scores import read_recorded_scores
    from evalkit.metrics.parsing import metric_class, parse

    if not options:
        return []
    if len(bench.tasks) != 1:
        names = ", ".join(task.name for task in bench.tasks)
        raise SettingError(f"recorded scores belong to one task; name it with --task ({names})")
    task = bench.tasks[0]
    by_system = outputs.get(task.name, {}) if outputs else {}
    outputs_of = {name: of.texts for name, of in by_system.items() if of.samples is None}
    compared: dict[str, Any] = {
        "articles": task.articles,
        "sources": task.sources,
        "outputs": outputs_of,
        "unordered": task.unordered,
    }
    metrics: list[Metric] = []
    for option in options:
        form = _SCORES.fullmatch(option)
        if not form:
            raise SettingError(f"--scores {option!r}: {_SCORES_FORM}")
        title, inside, path = (part or "" for part in form.groups())
        title = title.strip()
        if metric_class(title):
            raise SettingError(f"--scores {option!r}: {title} is the name of a metric; choose another name")
        settings: dict[str, str] = {}
        for part in filter(None, map(str.strip, inside.split(","))):
            key, equals, value = (piece.strip() for piece in part.partition("="))
            if key not in ("low", "high", "higher", "column") or not equals or key in settings:
                raise SettingError(f"--scores {option!r}: {part!r} is not a setting of recorded scores; {_SCORES_FORM}")
            settings[key] = value
        column = settings.pop("column", None)
        read = parse(f"RecordedScores({','.join(f'{k}={v}' for k, v in settings.items())})")
        scores = read_recorded_scores(path, task.ids, column=column, **compared)
        metrics.append(dataclasses.replace(read, title=title, scores=scores))  # type: ignore[call-arg]
    return metrics
