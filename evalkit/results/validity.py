"""Find systems that should not be recommended, whatever their scores."""

from __future__ import annotations

import numpy as np

from evalkit.results.task_results import TaskResults

#: A system below one of these shares is called unusable.
HEALTHY, PRESENT, JUDGED = 0.5, 0.5, 0.5


def unusable_systems(task: TaskResults) -> dict[int, str]:
    """Return the systems whose outputs are mostly missing, unhealthy or not judged, by index, with the reason.

    :returns: the reason as the end of a sentence, such as ``32 of 32 outputs fail Health``.
    """
    n = len(task.ids)
    healths = [scored for scored in task.metrics if scored.metric.name == "Health"]
    reasons: dict[int, str] = {}
    for i, name in enumerate(task.systems):
        missing = len(task.missing.get(name, ()))
        if n - missing < PRESENT * n:
            reasons[i] = f"{missing:,} of {n:,} outputs are missing"
            continue
        for scored in healths:
            if float(task.corpus(scored.label)[i]) < HEALTHY:
                rows = scored.metric.score(task.rows(scored.label, i, 0, n))
                failing = int((np.nan_to_num(rows, nan=1.0) < 1.0).sum())
                reasons[i] = f"{failing:,} of {n:,} outputs fail {scored.label}"
        for label, by_system in task.undefined.items():
            undefined = len(by_system.get(name, ()))
            if n - undefined < JUDGED * n and i not in reasons:
                reasons[i] = f"{undefined:,} of {n:,} outputs were not judged by {label}"
    return reasons
