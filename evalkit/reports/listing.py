"""What ``evalkit list metrics`` shows."""

from __future__ import annotations

from evalkit.errors import SettingError
from evalkit.metrics.names import known_metrics

__all__ = ["metrics_table"]


def metrics_table(lang: str) -> str:
    """A block a metric: what it is, its range, which way is better, its settings and its signature for a language."""
    blocks = []
    for name, cls in known_metrics().items():
        metric = cls()
        low, high = metric.range
        way = "higher" if metric.higher_is_better else "lower"
        try:
            signature = metric.resolve(lang).signature()
        except SettingError as error:
            signature = f"not for {lang}: {error}"
        blocks.append(
            f"{name}: {metric.summary}; {low:g} to {'any' if high == float('inf') else f'{high:g}'}, {way} is better\n"
            f"    {signature}\n"
        )
    return "".join(blocks)
