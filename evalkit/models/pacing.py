"""Rate limits: requests and tokens per minute, and pauses that a server requests."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime

#: the longest pause before a call is made again, in seconds, unless the server names a longer one.
LONGEST_BACKOFF = 60.0


class Pace:
    """Spaces all calls of a run evenly, by requests and tokens per minute; None for no limit."""

    def __init__(self, requests: float | None, tokens: float | None) -> None:
        self._requests, self._tokens = requests, tokens
        self._next_request = self._next_tokens = self._paused_until = 0.0

    async def turn(self, tokens: int) -> None:
        """Wait until a call of this many tokens may be sent."""
        while True:
            now = time.monotonic()
            start = max(now, self._next_request, self._next_tokens, self._paused_until)
            if start <= now:
                break
            await asyncio.sleep(start - now)
        if self._requests:
            self._next_request = now + 60 / self._requests
        if self._tokens:
            self._next_tokens = now + 60 * tokens / self._tokens

    def pause(self, seconds: float) -> None:
        """Make no call for this long, as the server requested."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)


def backoff(first: float, attempt: int, key: str) -> float:
    """Seconds before a retry (0 is the first): doubled each time, and varied by the hexadecimal key of the request."""
    spread = int(key[4 * (attempt % 8) :][:4], 16) / 0xFFFF
    return min(LONGEST_BACKOFF, first * 2.0**attempt) * (0.5 + 0.5 * spread)


def retry_after(value: str | None) -> float | None:
    """Seconds named by a ``Retry-After`` header, a number or a date; None for anything else."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if seconds < float("inf") else None
