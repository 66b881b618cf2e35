"""How to reach a judge and how much it may cost; these settings do not affect scores."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from evalkit.arguments import checked_fields
from evalkit.errors import SettingError

OPENAI_URL = "https://api.openai.com/v1"

#: The most calls that may be in flight at once.
_MOST_CALLS = 1000


@checked_fields
@dataclass(frozen=True, eq=False)
class JudgeOptions:
    """The server of a judge, the rate of requests, the limits of a run, and where replies are stored.

    Nothing here changes a score, so it is in no signature. ``url`` and ``key`` are shown nowhere, not even in the repr.

    :param url: base URL of a server that speaks the OpenAI chat protocol, such as ``http://localhost:8080/v1``.
    :param key: sent as a bearer token; local servers need none.
    :param folder: the judgement store, see :class:`evalkit.models.judgement_store.JudgementStore`; replies are kept for
        the process only if None.
    :param replay: score from the store alone, without any call.
    :param concurrency: calls in flight at once.
    :param requests_per_minute: None for no limit; likewise ``tokens_per_minute``.
    :param timeout: seconds for one call, from the request to the last byte of the reply.
    :param deadline: seconds for all calls of the run; None for no limit.
    :param retries: how often a call that failed temporarily is repeated.
    :param backoff: seconds before the first of these; doubled each time, with jitter, at most a minute.
    :param failures_in_row: the number of failed judgements in a row after which no more are requested.
    :param max_calls: HTTP requests of the run, retries and repairs included.
    :param max_cost: limit in the currency of ``price``; includes the estimated cost of the calls in flight.
    :param price: per million input tokens and per million output tokens; looked up in ``genai-prices`` if None and that
        package is installed, else unknown.
    :raises SettingError: naming the flag of a value that cannot be used.
    """

    url: str = field(default=OPENAI_URL, repr=False)
    key: str | None = field(default=None, repr=False)
    folder: Path | None = None
    replay: bool = False
    concurrency: int = 8
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout: float = 120.0
    deadline: float | None = None
    retries: int = 5
    backoff: float = 1.0
    failures_in_row: int = 20
    max_calls: int | None = None
    max_cost: float | None = None
    price: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        self._check_url()
        if self.key is not None and not (self.key.isascii() and self.key.isprintable() and self.key.strip()):
            raise SettingError(
                "the judge's key (EVALKIT_JUDGE_KEY or OPENAI_API_KEY) contains characters that no key can have; set it again"
            )
        for name, lowest in (("concurrency", 1), ("retries", 0), ("failures_in_row", 1), ("max_calls", 0)):
            value = getattr(self, name)
            if value is not None and value < lowest:
                raise SettingError(f"{_flag(name)} is {value}; it must be at least {lowest}")
        if self.concurrency > _MOST_CALLS:
            raise SettingError(f"{_flag('concurrency')} is {self.concurrency}; it must be at most {_MOST_CALLS}")
        for name in ("requests_per_minute", "tokens_per_minute", "timeout", "deadline", "max_cost"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise SettingError(f"{_flag(name)} is {value:g}; it must be a positive number")
        if not (self.backoff >= 0 and math.isfinite(self.backoff)):
            raise SettingError(f"backoff is {self.backoff:g}; it must not be negative")
        if self.price is not None and not all(p >= 0 and math.isfinite(p) for p in self.price):
            raise SettingError("--judge-price must be two numbers that are not negative: input and output")
        if self.replay and self.folder is None:
            raise SettingError("--replay needs --judgements FOLDER: the store to score from")
        if self.replay and self.folder is not None and not self.folder.is_dir():
            raise SettingError(f"--judgements {self.folder}: no such folder to replay")

    def _check_url(self) -> None:
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.query or parts.fragment or not self.url.isprintable() or " " in self.url:
            raise SettingError(
                "--judge-url (or EVALKIT_JUDGE_URL) is not a base URL; write one such as http://localhost:8080/v1"
            )

    @property
    def endpoint(self) -> str:
        """The URL for chat completions."""
        return self.url.rstrip("/").removesuffix("/chat/completions").rstrip("/") + "/chat/completions"

    def without_secrets(self, text: str) -> str:
        """Remove the key and the host from a text of the server or of the HTTP library."""
        for secret, name in (
            (self.key, "[key]"),
            (self.url.rstrip("/"), "[url]"),
            (urlsplit(self.url).netloc, "[host]"),
        ):
            if secret and len(secret) >= 6:
                text = text.replace(secret, name)
        return text


def _flag(name: str) -> str:
    flags = {
        "requests_per_minute": "--judge-rpm",
        "tokens_per_minute": "--judge-tpm",
        "max_calls": "--max-calls",
        "max_cost": "--max-cost",
    }
    return flags.get(name, f"--judge-{name.replace('_', '-')}")
