"""The calls, tokens and cost of a judge in a run, the limits at which it stops, and the pace of its calls."""

import asyncio
import time
from email.utils import parsedate_to_datetime
from functools import lru_cache
from importlib import import_module
from typing import Any

from evalkit.errors import SettingError
from evalkit.models.chat import Usage
from evalkit.models.judge_options import JudgeOptions
from evalkit.wording import count

#: The output tokens that a call in flight is assumed to use.
EXPECTED_REPLY = 300


class Stopped(Exception):
    """Raised if a limit is reached; the message names it."""


class Budget:
    """Calls, tokens, cost and failures of all calls of a run, against the limits of its options."""

    def __init__(self, options: JudgeOptions) -> None:
        self._options = options
        self._started: float | None = None
        self._failures = 0
        self._in_flight = 0.0
        self.calls = 0
        self.usage = Usage()
        self.cost: float | None = 0.0
        #: The reason why no more calls are made, or None.
        self.stopped: str | None = None

    def check_price(self, model: str) -> None:
        """:raises SettingError: if the cost is limited but the price is unknown."""
        if self._options.max_cost is not None and cost(model, Usage(), self._options.price) is None:
            raise SettingError(
                f"--max-cost needs to know what {model} costs; give --judge-price INPUT/OUTPUT per million tokens, "
                "or install genai-prices"
            )

    def spend(self, model: str, tokens: int) -> None:
        """Count a call that is about to be made; raise :class:`Stopped` if a limit is reached."""
        options = self._options
        expected = cost(model, Usage(tokens, EXPECTED_REPLY), options.price) or 0.0
        spent = (self.cost or 0.0) + self._in_flight + expected
        if options.max_calls is not None and self.calls >= options.max_calls:
            self.stop(f"--max-calls {options.max_calls} is reached")
        if self.seconds_left() <= 0:
            self.stop(f"--judge-deadline {options.deadline:g} s is reached")
        if options.max_cost is not None and spent > options.max_cost:
            self.stop(f"--max-cost {options.max_cost:g} is reached")
        if self.stopped is not None:
            raise Stopped(self.stopped)
        self.calls += 1
        self._in_flight += expected

    def settle(self, model: str, tokens: int, usage: Usage) -> None:
        """Replace the estimate of a finished call by its actual usage."""
        self._in_flight -= cost(model, Usage(tokens, EXPECTED_REPLY), self._options.price) or 0.0
        self.usage += usage
        paid = cost(model, usage, self._options.price)
        self.cost = None if paid is None or self.cost is None else self.cost + paid

    def seconds_left(self) -> float:
        """The number of seconds until the deadline; the clock starts at the first call of this method."""
        self._started = self._started or time.monotonic()
        return (self._options.deadline or float("inf")) - (time.monotonic() - self._started)

    def judged(self, failure: str | None) -> None:
        """Count a judgement; many failures in a row stop the run."""
        self._failures = 0 if failure is None else self._failures + 1
        if self._failures >= self._options.failures_in_row:
            self.stop(f"{count(self._failures, 'judgement')} in a row failed, the last with: {failure}")

    def stop(self, reason: str) -> None:
        """Make no more calls; the first reason is kept."""
        self.stopped = self.stopped or reason


def cost(model: str, usage: Usage, prices: tuple[float, float] | None) -> float | None:
    """The cost of tokens at the user's prices per million, or else the listed ones; None if the price is unknown."""
    price = _listed(model) if prices is None else prices
    return None if price is None else (usage.input * price[0] + usage.output * price[1]) / 1e6


@lru_cache
def _listed(model: str) -> tuple[float, float] | None:
    try:
        prices: Any = import_module("genai_prices")
        # Of 1,000 tokens: some models cost more for long requests.
        thousands = (prices.Usage(input_tokens=1000), prices.Usage(output_tokens=1000))
        first, second = (1000 * float(prices.calc_price(usage, model_ref=model).total_price) for usage in thousands)
    except (ImportError, LookupError, ValueError):  # not installed, or a model that the package does not list
        return None
    return first, second


#: The longest pause before a call is made again, in seconds, unless the server names a longer one.
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
