"""Metrics that misbehave in a worker; importable there, as a third party's would be."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.metrics.base import Metric, setting


@dataclass(frozen=True)
class Mean(Metric):
    """Mean length."""

    name: ClassVar[str] = "Mean"
    summary: ClassVar[str] = "length"
    range: ClassVar[tuple[float, float]] = (0.0, float("inf"))
    columns: ClassVar[tuple[str, ...]] = ("characters", "segments")

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> NDArray[np.float64]:
        return np.array([[len(text), 1.0] for text in hypotheses]).reshape(-1, 2)

    def score(self, statistics: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(statistics[..., 0] / statistics[..., 1])


@dataclass(frozen=True)
class Fragile(Mean):
    """Fails on one text."""

    name: ClassVar[str] = "Fragile"

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> NDArray[np.float64]:
        if any("poison" in text for text in hypotheses):
            raise ZeroDivisionError("poisoned")
        return super()._statistics(hypotheses, prepared)


@dataclass(frozen=True)
class Deadly(Mean):
    """Kills its process at the first shard that finds the mark missing, and leaves the mark."""

    name: ClassVar[str] = "Deadly"
    mark: str = setting("", doc="a file")

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> NDArray[np.float64]:
        if any("poison" in text for text in hypotheses):
            try:
                Path(self.mark).touch(exist_ok=False)
            except FileExistsError:
                pass
            else:
                os._exit(1)
        return super()._statistics(hypotheses, prepared)


@dataclass(frozen=True)
class HalfSent(Deadly):
    """Kills its process while it sends the result of its first shard."""

    name: ClassVar[str] = "HalfSent"

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> NDArray[np.float64]:
        def send_half(connection: Any, data: Any, *_: Any) -> None:
            os.write(connection.fileno(), bytes(data[: len(data) // 2]))
            os._exit(1)

        try:
            Path(self.mark).touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            Connection._send = send_half  # type: ignore[method-assign]
        return Mean._statistics(self, hypotheses, prepared)


@dataclass(frozen=True)
class Slow(Mean):
    """Takes its time, so that a worker can be killed in the middle."""

    name: ClassVar[str] = "Slow"

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> NDArray[np.float64]:
        time.sleep(0.05)
        return super()._statistics(hypotheses, prepared)
