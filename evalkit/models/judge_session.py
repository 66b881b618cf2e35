"""Ask a judge many questions: replies come from the store or, several at a time, from the server."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from evalkit.errors import InputError, SettingError
from evalkit.models.chat import ChatRequest, Completion, Estimate, Judgement, Question, ReplyError, Usage
from evalkit.models.chat_client import ChatClient, ServerTraits, Unusable, http_library
from evalkit.models.judge_budget import EXPECTED_REPLY, Budget, Stopped, cost
from evalkit.models.judge_options import OPENAI_URL, JudgeOptions
from evalkit.models.judgement_store import JudgementStore, Reply
from evalkit.wording import count

#: Called as progress(done, what).
Progress = Callable[[int, str], None]


class JudgeSession:
    """The state of a judge during a run: its store, its budget and what is known about its server."""

    def __init__(self, options: JudgeOptions) -> None:
        self.options = options
        self.budget = Budget(options)
        self._store = JudgementStore(options.folder)
        self._traits = ServerTraits()
        self._done: dict[str, Judgement] = {}
        self._finished = 0
        #: The models that the server was asked for.
        self._models: set[str] = set()

    def estimate(self, questions: Iterable[Question]) -> Estimate:
        """Estimate the effort of :meth:`ask` without making a call."""
        keys: set[str] = set()
        stored, usage = 0, Usage()
        total: float | None = 0.0
        for request, check in questions:
            if request.key in keys:
                continue
            keys.add(request.key)
            if self._from_store(request, check, final=False) is not None:
                stored += 1
                continue
            asked = Usage(request.tokens(), EXPECTED_REPLY)
            paid = cost(request.model, asked, self.options.price)
            usage += asked
            total = None if paid is None or total is None else total + paid
        return Estimate(len(keys) - stored, stored, usage, total)

    def check_ready(self) -> None:
        """Refuse options without a key that the server needs, or without the package; a replay needs neither."""
        if self.options.replay:
            return
        if self.options.url == OPENAI_URL and not self.options.key:
            raise SettingError(
                "the judge's server is OpenAI's, which needs a key: set EVALKIT_JUDGE_KEY or OPENAI_API_KEY, or name "
                "another server with --judge-url"
            )
        http_library()

    def ask(self, questions: Iterable[Question], progress: Progress | None = None) -> list[Judgement]:
        """The judgement of each question, in order; equal questions are asked once.

        :raises SettingError: if the server cannot be used at all and nothing has been judged.
        :raises InputError: if the store lacks a reply of a replay, or cannot be written.
        """
        self.check_ready()
        if self.options.replay:
            return self._replay(questions)
        keys: list[str] = []
        judgements: dict[str, Judgement] = {}
        self._finished = 0
        loop = asyncio.new_event_loop()
        task = loop.create_task(self._ask_all(iter(questions), keys, judgements))
        # The loop has its own thread, so that this works where a loop runs already (a notebook).
        thread = ThreadPoolExecutor(1, "evalkit-judge")
        asking = thread.submit(loop.run_until_complete, task)
        thread.submit(lambda: loop.run_until_complete(loop.shutdown_asyncgens()))
        thread.submit(loop.close)
        thread.shutdown(wait=False)
        try:
            while not wait([asking], 0.1).done:
                if progress:
                    progress(self._finished, self._spent())
        except BaseException as error:
            with suppress(RuntimeError):  # the loop has ended just now
                loop.call_soon_threadsafe(task.cancel)
            wait([asking], 10)
            if isinstance(error, KeyboardInterrupt) and self.options.folder is not None:
                raise KeyboardInterrupt("the judge's replies so far are kept; run again to go on from there") from None
            raise
        asking.result()
        if progress:
            progress(self._finished, self._spent())
        return [judgements[key] for key in keys]

    @property
    def stopped(self) -> str | None:
        """Why some questions were not asked; None if all were."""
        if self.budget.stopped is None:
            return None
        stored = "; the replies received so far are stored, so that the next run continues from there"
        hint = stored if self.options.folder is not None else ""
        return f"the judge did not judge all outputs: {self.budget.stopped}{hint}"

    @property
    def spent(self) -> str:
        """The calls, tokens and cost of this run, without judgements that were already stored."""
        usage, cost = self.budget.usage, self.budget.cost
        paid = "cost unknown" if cost is None else f"cost {cost:.4f}"
        return f"{count(self.budget.calls, 'call')}, {usage.input:,} input and {count(usage.output, 'output token')}, {paid}"

    def _spent(self) -> str:
        text = f"{count(self.budget.calls, 'call')}"
        return text if not self.budget.cost else f"{text}, cost {self.budget.cost:.2f}"

    # -- from the store -------------------------------------------------------------------------------------------------

    def _replay(self, questions: Iterable[Question]) -> list[Judgement]:
        judgements = [self._from_store(request, check, final=True) for request, check in questions]
        missing = sum(judgement is None for judgement in judgements)
        if missing:
            raise InputError(
                f"--judgements {self.options.folder} has no reply for {missing:,} of {len(judgements):,} judgements of this run; "
                "leave out --replay to ask for them"
            )
        return [judgement for judgement in judgements if judgement is not None]

    def _from_store(self, request: ChatRequest, check: Callable[[str], Any], *, final: bool) -> Judgement | None:
        """The first success in the store or, if ``final``, the last failure."""
        replies = self._store.replies(request.key)
        for place, reply in enumerate(replies):
            if reply.status == "ok" and reply.reply is not None:
                with suppress(ReplyError):
                    return _judgement(replies, place, check(reply.reply))
        if final and replies and replies[-1].status == "failed":
            return _judgement(replies, len(replies) - 1, None)
        return None

    # -- from the server ------------------------------------------------------------------------------------------------

    async def _ask_all(self, questions: Iterator[Question], keys: list[str], judgements: dict[str, Judgement]) -> None:
        """Fill ``keys`` with the key of each question, in order, and ``judgements`` with the judgement of each key."""
        client = ChatClient(self.options, self.budget, self._traits)
        asked: set[str] = set()

        async def work(only_one: bool = False) -> None:
            for request, check in questions:
                calls, key = self.budget.calls, request.key
                keys.append(key)
                if key not in asked:
                    asked.add(key)
                    judgements[key] = self._done.get(key) or await self._judge(client, request, check)
                self._finished += 1
                if only_one and self.budget.calls > calls:
                    return

        workers: list[asyncio.Task[None]] = []
        try:
            # The first call is made alone, to find out whether the server can be used and what it accepts.
            await work(only_one=True)
            workers = [asyncio.create_task(work()) for _ in range(self.options.concurrency)]
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await client.close()

    async def _judge(self, client: ChatClient, request: ChatRequest, check: Callable[[str], Any]) -> Judgement:
        stored = self._from_store(request, check, final=False)
        if stored is not None:
            return stored
        if self.budget.stopped is None:
            self.budget.check_price(request.model)
            if request.model not in self._models:
                self._store.check_writable()
                self._models.add(request.model)
                await client.check_model(request.model)
        try:
            left = self.budget.seconds_left()
            judgement = await asyncio.wait_for(self._online(client, request, check), None if left > 1e9 else left)
        except asyncio.TimeoutError:
            self.budget.stop(f"--judge-deadline {self.options.deadline:g} s is reached")
        except Stopped:
            pass
        except Unusable as error:
            if not self._traits.answered:
                raise SettingError(str(error)) from None
            self.budget.stop(str(error))
        else:
            self.budget.judged(judgement.reason)
            self._done[request.key] = judgement
            return judgement
        return Judgement(None, f"not judged: {self.budget.stopped}")

    async def _online(self, client: ChatClient, request: ChatRequest, check: Callable[[str], Any]) -> Judgement:
        """Ask, and repeat the question once if the reply cannot be used; a first reply in the store is not requested again."""
        replies, value = self._store.replies(request.key), None
        if not (replies and replies[-1].status == "invalid"):
            value = self._take(request, 0, await client.complete(request), check)
            replies = self._store.replies(request.key)
        if replies[-1].status == "invalid":
            repair = request.repair(replies[-1].reply or "", replies[-1].reason or "")
            value = self._take(request, 1, await client.complete(repair), check)
            replies = self._store.replies(request.key)
        return _judgement(replies, len(replies) - 1, value)

    def _take(self, request: ChatRequest, attempt: int, completion: Completion, check: Callable[[str], Any]) -> Any:
        """Store a reply and return its value, or None if there is none."""
        value, reason, status = None, completion.failure, "failed"
        if completion.text is not None and reason is None:
            try:
                value, status = check(completion.text), "ok"
            except ReplyError as error:
                status = "failed" if attempt else "invalid"
                reason = f"not the schema: {error}" if attempt else str(error)
        self._store.add(request, attempt, status, completion, reason, value)
        return value


_SESSIONS: WeakKeyDictionary[JudgeOptions, JudgeSession] = WeakKeyDictionary()


def session_of(options: JudgeOptions) -> JudgeSession:
    """Return the session of these options; metrics and tasks with the same options share budget, store and server."""
    if options not in _SESSIONS:
        _SESSIONS[options] = JudgeSession(options)
    return _SESSIONS[options]


def _judgement(replies: list[Reply], place: int, value: Any) -> Judgement:
    """The judgement from one of the replies; its usage includes the invalid reply that it corrects."""
    reply = replies[place]
    repaired = reply.attempt > 0 and place > 0
    usage = reply.usage + replies[place - 1].usage if repaired else reply.usage
    reason = None if reply.status == "ok" else reply.reason
    return Judgement(value, reason, repaired, reply.model, reply.fingerprint, usage)
