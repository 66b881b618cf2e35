"""Machine-specific settings for metrics that need a model; they do not affect scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evalkit.arguments import checked_fields
from evalkit.errors import check_whole_number
from evalkit.models.judge_options import JudgeOptions


@checked_fields
@dataclass(frozen=True, eq=False)
class Runtime:
    """Where and how models run. These settings change scores by rounding at most, so signatures do not contain them.

    :param device: such as ``cpu``, ``cuda:1`` or ``mps``; chosen by the machine if None.
    :param batch_size: texts per batch; chosen by the metric if None.
    :param download: whether a model that is not on this machine may be downloaded.
    :param store: folder of the results of models, by model and text; nothing is stored if None.
    :param judge: how a judge is asked; None where there is none.
    :param progress: called as ``progress(done, total, what)`` by a metric while it works.
    :param notify: called with one sentence that a person should read, such as the license of a model.
    :param record: facts that the run folder records in addition to the signatures, by metric; metrics add to it.
    """

    device: str | None = None
    batch_size: int | None = None
    download: bool = False
    store: Path | None = None
    judge: JudgeOptions | None = None
    progress: Callable[[int, int, str], None] | None = None
    notify: Callable[[str], None] | None = None
    record: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.batch_size is not None:
            check_whole_number("batch_size", self.batch_size, 1)

    @contextmanager
    def recording(self) -> Iterator[Runtime]:
        """A copy for one run with an empty record, which is added to this one's in the end."""
        copy = replace(self, record={})
        try:
            yield copy
        finally:
            self.record.update(copy.record)

    def tell(self, sentence: str) -> None:
        """Pass a sentence on to :attr:`notify`, if there is one."""
        if self.notify:
            self.notify(sentence)
