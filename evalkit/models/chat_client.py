"""Calls to a server that speaks the OpenAI chat protocol.

A call ends in a :class:`~evalkit.models.chat.Completion`, with a text or with a failure in words, whatever the server
sends. Only what makes every further call pointless (a wrong key, URL or model) is an error.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from evalkit.errors import SettingError, did_you_mean, few
from evalkit.models.chat import ChatRequest, Completion, Usage, estimated_tokens, well_formed
from evalkit.models.judge_budget import Budget, Pace, Stopped, backoff, retry_after
from evalkit.models.judge_options import JudgeOptions
from evalkit.version import install_hint
from evalkit.wording import count

#: Bytes of a reply; more is not read.
LARGEST_REPLY = 16 << 20

#: Seconds; if a server asks for a longer pause, no more calls are made.
LONGEST_WAIT = 600.0

WEB_PAGE = "the server answers with a web page"
TEMPORARY_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
#: Error codes that speak of one request, not of all.
REQUEST_ERRORS = ("context_length", "content_filter", "content_policy", "maximum context", "context size")


class Unusable(Exception):
    """Raised if no call can succeed; the message is for the user."""


class _TemporaryFailure(Exception):
    """A temporary failure: the call may succeed if it is repeated, after the seconds that the server asked for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass
class ServerTraits:
    """What is known about a server: whether it answers, accepts a JSON schema, and its name for the token limit."""

    answered: bool = False
    strict_schema: bool = True
    limit_name: str = "max_tokens"


def http_library() -> Any:
    """:raises SettingError: if httpx2 is not installed."""
    try:
        return import_module("httpx2")
    except ImportError:
        raise SettingError(f"a judge needs httpx2: {install_hint('judge')}") from None


class ChatClient:
    """Make calls, repeat those that failed temporarily, and learn what the server accepts (``traits``)."""

    def __init__(self, options: JudgeOptions, budget: Budget, traits: ServerTraits) -> None:
        self._options, self._budget, self._traits = options, budget, traits
        self._pace = Pace(options.requests_per_minute, options.tokens_per_minute)
        library = http_library()
        headers = {"User-Agent": "evalkit", "Content-Type": "application/json"}
        if options.key:
            headers["Authorization"] = f"Bearer {options.key}"
        self._timeouts: tuple[type[Exception], ...] = (asyncio.TimeoutError, library.TimeoutException)
        self._refused: tuple[type[Exception], ...] = (library.ConnectError, library.ConnectTimeout)
        self._http = library.AsyncClient(
            headers=headers,
            timeout=library.Timeout(None, connect=min(10.0, options.timeout)),
            limits=library.Limits(max_connections=options.concurrency),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def complete(self, request: ChatRequest) -> Completion:
        """The completion of a request; :class:`Unusable` if no call can succeed, :class:`Stopped` at a limit of the run."""
        start = time.monotonic()
        for attempt in range(self._options.retries + 1):
            try:
                completion = await self._attempt(request)
            except _TemporaryFailure as error:
                failure = error
            else:
                self._traits.answered = True
                return replace(completion, seconds=time.monotonic() - start)
            if attempt < self._options.retries:
                pause = backoff(self._options.backoff, attempt, request.key)
                if failure.wait is not None:
                    self._pace.pause(failure.wait)
                await asyncio.sleep(max(pause, failure.wait or 0.0))
        reason = str(failure) if not self._options.retries else f"{failure} ({count(attempt + 1, 'attempt')})"
        if not self._traits.answered and isinstance(failure.__cause__, self._refused):
            raise Unusable("nothing answers at --judge-url (EVALKIT_JUDGE_URL); is the server running?")
        if not self._traits.answered and str(failure) == WEB_PAGE:
            raise Unusable(f"no chat completions at --judge-url (EVALKIT_JUDGE_URL): {WEB_PAGE}")
        return Completion(None, reason, seconds=time.monotonic() - start)

    async def _attempt(self, request: ChatRequest) -> Completion:
        """Send one HTTP request, or several until it is known what the server accepts."""
        try:
            while True:
                status, headers, content = await self._post(request)
                if status not in (400, 422, 501) or not self._learned(content):
                    return self._read(request, status, headers.get("retry-after"), content)
        except (_TemporaryFailure, Unusable, Stopped):
            raise
        except self._refused as error:
            raise _TemporaryFailure("no connection to the server") from error
        except self._timeouts:
            raise _TemporaryFailure(f"timeout: no reply within {self._options.timeout:g} s") from None
        except Exception as error:  # whatever a server sends, it must not end the run
            raise _TemporaryFailure(f"the connection broke ({type(error).__name__})") from None

    async def _post(self, request: ChatRequest) -> tuple[int, Any, bytes]:
        tokens = request.tokens()
        await self._pace.turn(tokens)
        self._budget.spend(request.model, tokens)
        usage = Usage()
        try:
            exchange = self._exchange("POST", self._options.endpoint, json.dumps(self._body(request)).encode())
            status, headers, content = await asyncio.wait_for(exchange, self._options.timeout)
            if status == 200:
                usage = _usage((_json_object(content) or {}).get("usage"), request, content.decode("utf-8", "replace"))
            return status, headers, content
        finally:
            self._budget.settle(request.model, tokens, usage)

    async def check_model(self, model: str) -> None:
        """Refuse a model that the server does not list, unless it lists only one: then it often takes any name."""
        try:
            url = self._options.endpoint.removesuffix("chat/completions") + "models"
            status, _, content = await asyncio.wait_for(self._exchange("GET", url), min(10.0, self._options.timeout))
            body = _json_object(content) or {} if status == 200 else {}
            names = [well_formed(entry["id"]) for entry in body["data"] if isinstance(entry["id"], str)]
        except Exception:  # no list, whatever the reason; the first call shows whether the server can be used
            return
        # Ollama lists llama3 as llama3:latest.
        known = {name.casefold() for name in names} | {name.casefold().partition(":")[0] for name in names}
        if len(names) > 1 and not known & {model.casefold(), model.casefold().partition(":")[0]}:
            raise SettingError(
                f"the judge's server has no model {model}; check model=openai:{model}"
                f"{did_you_mean(model, names) or '.'} It has {self._options.without_secrets(few(names, 10))}"
            )

    async def _exchange(self, method: str, url: str, content: bytes | None = None) -> tuple[int, Any, bytes]:
        async with self._http.stream(method, url, content=content) as response:
            pieces, size = [], 0
            async for piece in response.aiter_bytes():
                pieces.append(piece)
                size += len(piece)
                if size > LARGEST_REPLY:
                    raise _TemporaryFailure("the server's answer is too long")
            return response.status_code, response.headers, b"".join(pieces)

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": role, "content": text} for role, text in request.messages],
            "temperature": request.temperature,
            self._traits.limit_name: request.max_tokens,
        }
        if self._traits.strict_schema and request.schema:
            form = {"name": "judgement", "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body

    def _learned(self, content: bytes) -> bool:
        """Whether to repeat a refused request in another form: with the new name of the token limit, or without a schema."""
        error_text = _error_text(_json_object(content))
        if self._traits.limit_name == "max_tokens" and "max_completion_tokens" in error_text:
            self._traits.limit_name = "max_completion_tokens"
            return True
        if self._traits.strict_schema and not self._traits.answered and not _concerns_one_request(error_text):
            self._traits.strict_schema = False
            return True
        return False

    def _read(self, request: ChatRequest, status: int, wait: str | None, content: bytes) -> Completion:
        """Extract the completion from an answer, which may be anything."""
        body = _json_object(content)
        error_text = self._options.without_secrets(" ".join(_error_text(body).split()))[:200]
        if status == 200:
            if body is None:
                raise _TemporaryFailure(WEB_PAGE if content.lstrip()[:1] == b"<" else "the server's answer is not JSON")
            if error_text and not body.get("choices"):  # some gateways report the failure of a provider in this way
                raise _TemporaryFailure(f"the server failed: {error_text}")
            return _completion(body, request, self._options.without_secrets)
        if status in TEMPORARY_STATUSES:
            if "insufficient_quota" in error_text:
                raise Unusable("the judge's account has no quota left (insufficient_quota)")
            pause = retry_after(wait)
            if pause is not None and pause > LONGEST_WAIT:
                raise Unusable(f"the judge's server asks to wait {pause:,.0f} s (Retry-After); run again after that")
            raise _TemporaryFailure(f"the server failed: HTTP {status}", pause)
        because = f"HTTP {status}" + (f" ({error_text})" if error_text else "")
        if status in (400, 413, 422) and (self._traits.answered or _concerns_one_request(error_text) or status == 413):
            return Completion(None, f"the server refused the request: {because}")
        if status in (401, 403):
            which = "refuses the key in" if self._options.key else "needs a key; set"
            raise Unusable(f"the judge {which} EVALKIT_JUDGE_KEY or OPENAI_API_KEY: {because}")
        if status in (400, 404) and "model" in error_text.lower():
            raise Unusable(f"the judge has no such model; check model=openai:{request.model}: {because}")
        if status in (404, 405):
            raise Unusable(
                f"no chat completions at --judge-url (EVALKIT_JUDGE_URL); most base URLs end in /v1: {because}"
            )
        raise Unusable(f"the judge refused the request; check --judge-url and the settings of Judge: {because}")


def _concerns_one_request(error_text: str) -> bool:
    return any(code in error_text.lower() for code in REQUEST_ERRORS)


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _error_text(body: Any) -> str:
    """The message and code of an error body; empty if it has none."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(error, dict):
        error = " ".join(str(error[name]) for name in ("message", "detail", "code", "type", "param") if error.get(name))
    return well_formed(error) if isinstance(error, str) else ""


def _completion(body: dict[str, Any], request: ChatRequest, clean: Callable[[str], str]) -> Completion:
    """Convert a body, which may be anything, to a completion; ``clean`` removes the key and the host from what is stored."""
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise _TemporaryFailure("the server's answer is not a chat completion")
    text, refusal, finish = message.get("content"), message.get("refusal"), choice.get("finish_reason")
    if isinstance(text, list):  # parts, of which those that are not text are thoughts
        parts_of_text = (part.get("text") for part in text if isinstance(part, dict) and part.get("type") == "text")
        text = "".join(part for part in parts_of_text if isinstance(part, str))
    failure = None
    if isinstance(refusal, str) and refusal:
        failure = f"refusal: {well_formed(refusal)[:200]}"
    elif finish == "content_filter":
        failure = "the server's content filter"
    elif finish == "length":
        failure = f"cut off by length (max_tokens={request.max_tokens})"
    elif not isinstance(text, str) or not text.strip():
        failure = "an empty reply"
    content = well_formed(text) if isinstance(text, str) else None
    parts = (content, failure, _name(body.get("model")), _name(body.get("system_fingerprint")))
    reply, failure, model, fingerprint = (part and clean(part) for part in parts)
    return Completion(reply, failure, model, fingerprint, _usage(body.get("usage"), request, content or ""))


def _name(value: Any) -> str | None:
    """A model's name or fingerprint; for a file path, as llama.cpp reports it, only the file name."""
    if not isinstance(value, str) or not value:
        return None
    name = well_formed(value)
    if name.startswith("/") or name[1:3] == ":\\":
        name = name.replace("\\", "/").rpartition("/")[2] or name
    return name[:200]


def _usage(reported: Any, request: ChatRequest, text: str) -> Usage:
    """The tokens that the server counted, or an estimate."""
    if isinstance(reported, dict):
        counts: list[Any] = [reported.get(name) for name in ("prompt_tokens", "completion_tokens")]
        if all(type(count) is int and 0 <= count < 1 << 40 for count in counts):
            return Usage(*counts)
    return Usage(request.tokens(), estimated_tokens(text))
