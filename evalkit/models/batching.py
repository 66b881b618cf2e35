"""Batches of similar length, which are made smaller when memory runs out."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from evalkit.errors import InputError, SettingError

T = TypeVar("T")
R = TypeVar("R")


def choose_device(name: str | None) -> Any:
    """The requested device, or the fastest one; a :class:`SettingError` for one that cannot be used."""
    import torch

    if name is None:
        mps = getattr(torch.backends, "mps", None)
        name = "cuda" if torch.cuda.is_available() else "mps" if mps and mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0][:200]
        raise SettingError(f"the device {name!r} cannot be used: {reason}; leave out --device, or use cpu") from None
    return device


@dataclass(eq=False)
class Batches:
    """Items per batch; the size is halved whenever memory runs out."""

    size: int

    def run(
        self,
        items: Sequence[T],
        compute: Callable[[list[T]], Sequence[R]],
        length: Callable[[T], int] = len,  # type: ignore[assignment]
    ) -> list[R]:
        """Compute for all items, the longest first, in batches of similar length; the results are in the items' order."""
        lengths = list(map(length, items))
        order = sorted(range(len(items)), key=lambda i: (-lengths[i], i))
        results: dict[int, R] = {}
        start = 0
        while start < len(order):
            part = order[start : start + self.size]
            try:
                values = compute([items[i] for i in part])
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                if self.size == 1:
                    raise InputError(
                        f"not enough memory for a single text of {lengths[part[0]]:,} tokens; use another --device, "
                        "--dtype bfloat16 or a smaller model; what was scored before is kept"
                    ) from None
            else:
                results.update(zip(part, values, strict=True))
                start += len(part)
                continue
            # Outside the handler, so that the failed batch is no longer referred to.
            self.size = max(1, min(self.size, len(part)) // 2)
            import torch

            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
        return [results[i] for i in range(len(items))]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a library reports that memory ran out, of this machine or of the device."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(
        sign in text for sign in ("out of memory", "can't allocate memory", "not enough memory", "status_alloc_failed")
    )
