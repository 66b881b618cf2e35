"""The chat client, the store and the session, against a scripted server on loopback."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

pytest.importorskip("httpx2")

from evalkit.errors import EvalkitError, InputError, SettingError
from evalkit.models.chat import ChatRequest, Judgement, Question, ReplyError, Usage
from evalkit.models.judge_budget import backoff, retry_after
from evalkit.models.judge_options import JudgeOptions
from evalkit.models.judge_session import JudgeSession
from evalkit.models.judgement_store import JudgementStore

from .server import Answer, Server, completion, error

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


def number(text: str) -> int:
    try:
        value = json.loads(text)["n"]
    except (ValueError, KeyError, TypeError):
        raise ReplyError("no number n") from None
    if not isinstance(value, int):
        raise ReplyError("n is not a number")
    return value


def questions(n: int, sample: int = 0, temperature: float = 0.0) -> list[Question]:
    return [(ChatRequest("m", (("user", str(i)),), SCHEMA, temperature, sample=sample), number) for i in range(n)]


def own(request: dict[str, Any], _: int = 0) -> dict[str, int]:
    return {"n": int(request["messages"][0]["content"])}


def ask(server: Server, n: int, folder: Path | None = None, **options: Any) -> list[Judgement]:
    return JudgeSession(fast(server, folder, **options)).ask(questions(n))


def fast(server: Server, folder: Path | None = None, **options: Any) -> JudgeOptions:
    return JudgeOptions(
        **{"url": server.url, "folder": folder, "backoff": 0.0, "retries": 2, "timeout": 2.0, **options}
    )


def values(judgements: list[Judgement]) -> list[Any]:
    return [judgement.value for judgement in judgements]


def first(answers: list[Any]) -> Any:
    """A script that gives these answers in turn and then the right one."""
    return lambda request, number_: answers[number_] if number_ < len(answers) else own(request)


def test_replies_come_in_the_order_of_the_questions() -> None:
    with Server(lambda request, i: Answer(completion(own(request)).body, wait=0.02 * (i % 3))) as server:
        judged = ask(server, 20)
    assert values(judged) == list(range(20))
    assert judged[0].model == "judge-1"
    assert judged[0].fingerprint == "fp_1"
    assert judged[0].usage == Usage(100, 10)
    assert server.paths == ["/v1/chat/completions"] * 20
    assert server.requests[0]["response_format"]["json_schema"]["schema"] == SCHEMA


def test_calls_run_side_by_side_but_not_more_than_asked() -> None:
    running, most, changed = 0, 0, threading.Condition()

    def script(request: dict[str, Any], number: int) -> Any:
        nonlocal running, most
        with changed:
            running += 1
            most = max(most, running)
            changed.notify_all()
            # Those after the first, which goes alone, stay until there have been three.
            changed.wait_for(lambda: most >= 3 or number == 0, timeout=60)
            running -= 1
        return own(request)

    with Server(script) as server:
        ask(server, 12, concurrency=3, timeout=60.0)
    assert most == 3


@pytest.mark.parametrize(
    "answers",
    [
        [error(429, "slow down", Retry_After="0.05")],
        [error(500), error(503)],
        [error(503, "Loading model")],
        [Answer(raw=b"")],
        [Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")],
        [Answer(b"<html>busy</html>")],
        [Answer(b'{"choices": []}')],
        [Answer(wait=9.0)],
    ],
    ids=["429", "500-503", "loading", "closed", "cut-off", "html", "no-choices", "hang"],
)
def test_passing_failures_are_tried_again(answers: list[Any]) -> None:
    hangs = any(getattr(answer, "wait", 0) for answer in answers)
    with Server(first(answers)) as server:
        assert values(ask(server, 3, timeout=1.0 if hangs else 60.0)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error(500), "the server failed: HTTP 500 (3 attempts)"),
        (Answer(wait=9.0), "timeout: no reply within 0.5 s (3 attempts)"),
        (
            Answer(b'{"error": {"message": "Provider busy", "code": 529}}'),
            "the server failed: Provider busy 529 (3 attempts)",
        ),
        (Answer(raw=b""), "the connection broke (RemoteProtocolError) (3 attempts)"),
        (completion(None, refusal="I cannot judge that"), "refusal: I cannot judge that"),
        (completion('{"n": 1', finish="length"), "cut off by length (max_tokens=4096)"),
        (completion("", finish="content_filter"), "the server's content filter"),
        (completion("  "), "an empty reply"),
        (
            completion([{"type": "thinking", "text": "3"}, {"type": "text"}, {"type": "text", "text": 3}, "3"]),
            "an empty reply",
        ),
        (completion("I think 3"), "not the schema: no number n"),
        (error(400, "context_length_exceeded"), "the server refused the request: HTTP 400 (context_length_exceeded)"),
    ],
)
def test_a_failure_has_its_reason_and_the_others_go_on(answer: Any, reason: str) -> None:
    with Server(lambda request, _: answer if own(request)["n"] == 1 else own(request)) as server:
        judged = ask(server, 3, timeout=0.5 if reason.startswith("timeout") else 60.0)
    assert values(judged) == [0, None, 2]
    assert judged[1].reason == reason


def test_a_reply_in_parts_is_the_text_of_its_parts() -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "It may be 4."}]}
    parts = [thought, {"type": "text", "text": '{"n":'}, {"type": "text", "text": " 7}"}]
    with Server(lambda *_: completion(parts)) as server:
        assert values(ask(server, 1)) == [7]


def test_a_slow_stream_cannot_outlast_the_time_of_one_call() -> None:
    # Each byte comes in time, all of them together do not.
    def drip(request: dict[str, Any], _: int) -> Any:
        return Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b" " * 100, drip=0.1)

    with Server(drip) as server:
        judged = ask(server, 1, timeout=0.3, retries=0)
    assert judged[0].reason == "timeout: no reply within 0.3 s"


def test_one_repair_shows_the_error_at_the_same_temperature() -> None:
    with Server(first([completion('{"m": 1}')])) as server:
        judged = JudgeSession(fast(server)).ask(questions(1, temperature=0.7))
    assert judged[0].value == 0
    assert judged[0].repaired
    assert judged[0].usage == Usage(200, 20)
    asked, repair = server.requests
    assert repair["messages"][:-2] == asked["messages"]
    assert repair["messages"][-2] == {"role": "assistant", "content": '{"m": 1}'}
    assert "no number n" in repair["messages"][-1]["content"]
    assert asked["temperature"] == repair["temperature"] == 0.7


def test_a_server_without_schemas_is_asked_for_one_once() -> None:
    def script(request: dict[str, Any], _: int) -> Any:
        return error(400, "response_format is not supported") if "response_format" in request else own(request)

    with Server(script) as server:
        assert values(ask(server, 5)) == list(range(5))
    assert ["response_format" in request for request in server.requests] == [True] + [False] * 5


def test_a_model_that_wants_the_new_name_of_the_limit_gets_it() -> None:
    def script(request: dict[str, Any], _: int) -> Any:
        wrong = error(400, "max_tokens is not supported with this model. Use max_completion_tokens instead.")
        return wrong if "max_tokens" in request else own(request)

    with Server(script) as server:
        assert values(ask(server, 3)) == [0, 1, 2]
    assert len(server.requests) == 4
    assert all("response_format" in request for request in server.requests)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (error(401, "Incorrect API key provided: sk-secret-secret"), "EVALKIT_JUDGE_KEY or OPENAI_API_KEY"),
        (error(404, "The model `m` does not exist"), "model=openai:m"),
        (error(404, "Not Found"), "--judge-url"),
        (error(405), "--judge-url"),
        (Answer(b"<!doctype html><title>Welcome</title>"), "no chat completions at --judge-url"),
        (error(400, "temperature must be 1"), "settings of Judge: HTTP 400 (temperature must be 1)"),
        (error(429, "insufficient_quota"), "no quota left"),
    ],
)
def test_what_no_call_can_get_past_is_one_sentence(answer: Any, words: str) -> None:
    with Server(lambda *_: answer) as server, pytest.raises(SettingError) as caught:
        ask(server, 50, key="sk-secret-secret")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert server.url not in str(caught.value)
    assert len(server.requests) <= 3


@pytest.mark.parametrize(
    "models", [["a", "big-model"], ["gpt-4o", "gpt-4o-mini", "n"], [f"model-{i}" for i in range(30)]]
)
def test_a_model_that_the_server_does_not_list_is_refused_before_any_call(models: list[str]) -> None:
    with Server(own, models) as server, pytest.raises(SettingError, match="has no model m") as caught:
        ask(server, 5)
    assert not server.requests
    assert "openai:m" in str(caught.value) and models[0] in str(caught.value)


@pytest.mark.parametrize(
    "models",
    [
        None,
        ["a", "M"],
        ["a", "m:latest"],
        ["the only one"],
        [],
        b"",
        b"[]",
        b'{"data": 1}',
        b'{"data": [1]}',
        b"\xff",
        b"[" * 5000,
    ],
)
def test_a_listed_model_or_an_uninformative_list_is_accepted(models: Any) -> None:
    with Server(own, models) as server:
        assert values(ask(server, 2)) == [0, 1]
    assert len(server.requests) == 2


def test_a_server_that_asks_for_a_long_pause_ends_the_asking() -> None:
    script = lambda request, i: own(request) if i < 2 else error(429, Retry_After="86400")  # noqa: E731
    with Server(script) as server:
        judged = ask(server, 5, concurrency=1)
    assert values(judged) == [0, 1, None, None, None]
    assert judged[4].reason is not None
    assert "86,400 s (Retry-After)" in judged[4].reason


def test_a_server_that_repeats_the_key_does_not_get_it_stored(tmp_path: Path) -> None:
    with Server(lambda *_: completion(None, refusal="no, sk-secret-secret")) as server:
        judged = ask(server, 1, tmp_path, key="sk-secret-secret")
    assert judged[0].reason == "refusal: no, [key]"
    assert b"secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_closed_port_is_reported_in_one_sentence() -> None:
    with Server(own) as server:
        pass
    with pytest.raises(SettingError, match="nothing answers at --judge-url"):
        ask(server, 3)


@pytest.mark.parametrize(
    "url", ["localhost:80/v1", "ftp://a/v1", "http://", "http://[::1", "http://a/v1?x=1", "http://a b"]
)
def test_a_wrong_url_is_named_by_its_flag(url: str) -> None:
    with pytest.raises(SettingError, match="--judge-url"):
        JudgeOptions(url=url)


@pytest.mark.parametrize(
    ("options", "flag"),
    [
        ({"concurrency": 0}, "--judge-concurrency"),
        ({"concurrency": 1001}, "must be at most 1000"),
        ({"requests_per_minute": 0.0}, "--judge-rpm"),
        ({"timeout": float("inf")}, "--judge-timeout"),
        ({"max_cost": -1.0}, "--max-cost"),
        ({"price": (1.0, -1.0)}, "--judge-price"),
        ({"replay": True}, "--judgements"),
        ({"key": "Schlüssel"}, "EVALKIT_JUDGE_KEY"),
    ],
)
def test_options_out_of_range_are_named_by_their_flag(options: Any, flag: str) -> None:
    with pytest.raises(SettingError, match=flag):
        JudgeOptions(**options)


def test_neither_key_nor_url_is_in_the_repr() -> None:
    options = JudgeOptions(url="http://secret-host/v1", key="sk-secret")
    assert "secret" not in repr(options)
    assert options.endpoint == "http://secret-host/v1/chat/completions"
    assert JudgeOptions(url="http://secret-host/v1/chat/completions/").endpoint == options.endpoint


def test_a_key_that_is_revoked_on_the_way_leaves_what_came() -> None:
    with Server(lambda request, i: own(request) if i < 3 else error(401)) as server:
        judged = ask(server, 6, concurrency=1)
    assert values(judged) == [0, 1, 2, None, None, None]
    assert "EVALKIT_JUDGE_KEY" in str(judged[3].reason)
    assert len(server.requests) == 4


def test_many_failures_in_a_row_stop_the_run() -> None:
    with Server(lambda request, i: own(request) if i < 2 else error(500)) as server:
        judged = ask(server, 50, concurrency=1, retries=0, failures_in_row=4)
    assert values(judged[:2]) == [0, 1]
    assert judged[2].reason == "the server failed: HTTP 500"
    assert judged[49].reason == "not judged: 4 judgements in a row failed, the last with: the server failed: HTTP 500"
    assert len(server.requests) == 6


def test_the_deadline_of_the_run_stops_it() -> None:
    with Server(lambda request, _: Answer(completion(own(request)).body, wait=0.1)) as server:
        judged = ask(server, 200, concurrency=2, deadline=1.5)
    assert judged[0].value == 0
    assert judged[199].reason == "not judged: --judge-deadline 1.5 s is reached"


def test_the_clock_of_the_deadline_starts_with_the_first_call() -> None:
    with Server(own) as server:
        session = JudgeSession(fast(server, deadline=1.0))
        time.sleep(1.1)  # other metrics are computed
        assert values(session.ask(questions(1))) == [0]


def test_max_calls_counts_every_request() -> None:
    with Server(first([error(500), error(500)])) as server:
        judged = ask(server, 20, max_calls=7)
    assert len(server.requests) == 7
    assert sum(value is not None for value in values(judged)) == 5
    assert judged[19].reason == "not judged: --max-calls 7 is reached"


def test_max_cost_needs_a_price_and_stops() -> None:
    with Server(own) as server, pytest.raises(SettingError, match="--judge-price"):
        ask(server, 1, max_cost=1.0)
    assert not server.requests
    with Server(own) as server:
        options = fast(server, max_cost=0.5, price=(1000.0, 1000.0), concurrency=1)
        session = JudgeSession(options)
        judged = session.ask(questions(20))
    # A call costs .11; before it is known, .305 is set aside.
    assert len(server.requests) == 2
    assert session.budget.cost == pytest.approx(0.22)
    assert judged[19].reason == "not judged: --max-cost 0.5 is reached"


def test_requests_and_tokens_per_minute_are_kept() -> None:
    with Server(own) as server:
        started = time.monotonic()
        ask(server, 5, requests_per_minute=1200.0)
        assert time.monotonic() - started >= 4 * 0.05 - 0.01
        started = time.monotonic()
        ask(server, 5, tokens_per_minute=6000.0)  # a question has about 5 tokens
        assert time.monotonic() - started >= 4 * 0.05 - 0.01


def test_pauses_grow_differ_and_are_the_same_every_time() -> None:
    keys = [f"{i:032x}" for i in range(0, 1 << 120, 1 << 117)]
    for attempt in range(3):
        pauses = [backoff(1.0, attempt, key) for key in keys]
        assert all(2**attempt / 2 <= pause <= 2**attempt for pause in pauses)
        assert pauses == [backoff(1.0, attempt, key) for key in keys]
    assert len({backoff(1.0, 0, key) for key in keys}) > 4
    assert backoff(1.0, 40, keys[0]) <= 60


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("-1", 0.0), (None, None), ("soon", None), ("nan", None), ("inf", None)],
)
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0


class TestStore:
    def test_what_is_stored_is_not_asked_again(self, tmp_path: Path) -> None:
        with Server(own) as server:
            before = ask(server, 4, tmp_path / "judgements")
            again = ask(server, 6, tmp_path / "judgements")
        assert len(server.requests) == 6
        assert values(before) == values(again)[:4]

    def test_equal_questions_are_asked_once_and_samples_are_not_equal(self, tmp_path: Path) -> None:
        with Server(own) as server:
            session = JudgeSession(fast(server, tmp_path))
            judged = session.ask([*questions(2), *questions(2), *questions(2, sample=1)])
        assert values(judged) == [0, 1, 0, 1, 0, 1]
        assert len(server.requests) == 4

    def test_a_replay_makes_no_call(self, tmp_path: Path) -> None:
        script = first([own({"messages": [{"content": "0"}]}), completion("?"), completion("??"), completion("{}")])
        with Server(script) as server:
            live = ask(server, 5, tmp_path, concurrency=1)
        replayed = JudgeSession(JudgeOptions(folder=tmp_path, replay=True)).ask(questions(5))
        assert [vars(judgement) for judgement in replayed] == [vars(judgement) for judgement in live]
        assert live[1].reason == "not the schema: no number n"
        assert live[2].repaired

    def test_a_replay_is_complete_or_says_what_is_missing(self, tmp_path: Path) -> None:
        with Server(own) as server:
            ask(server, 2, tmp_path)
        with pytest.raises(InputError, match="no reply for 3 of 5 judgements"):
            JudgeSession(JudgeOptions(folder=tmp_path, replay=True)).ask(questions(5))

    def test_failures_are_asked_again_by_a_later_run_only(self, tmp_path: Path) -> None:
        with Server(lambda *_: error(500)) as server:
            judged = JudgeSession(fast(server, tmp_path, retries=0)).ask([*questions(1), *questions(1)])
            assert len(server.requests) == 1
            assert judged[0].reason == judged[1].reason == "the server failed: HTTP 500"
        with Server(own) as server:
            assert values(ask(server, 1, tmp_path)) == [0]
        assert values(JudgeSession(JudgeOptions(folder=tmp_path, replay=True)).ask(questions(1))) == [0]

    def test_a_first_reply_is_not_paid_again_when_the_run_stopped_before_its_repair(self, tmp_path: Path) -> None:
        with Server(lambda *_: completion("no json")) as server:
            assert ask(server, 1, tmp_path, max_calls=1)[0].value is None
        with Server(own) as server:
            judged = ask(server, 1, tmp_path)
        assert judged[0].value == 0
        assert judged[0].usage == Usage(200, 20)
        assert len(server.requests) == 1
        assert "no json" in server.requests[0]["messages"][-2]["content"]

    def test_a_line_that_a_killed_run_left_unfinished_is_passed_over(self, tmp_path: Path) -> None:
        with Server(own) as server:
            ask(server, 3, tmp_path, concurrency=1)
        path = next(tmp_path.glob("*.jsonl"))
        path.write_bytes(path.read_bytes()[:-20])
        with Server(own) as server:
            assert values(ask(server, 3, tmp_path)) == [0, 1, 2]
        assert len(server.requests) == 1
        assert len(list(tmp_path.glob("*.jsonl"))) == 2

    @pytest.mark.parametrize("line", ["nonsense", "{}", '{"key": 1}', "[" * 10000])
    def test_a_line_that_is_no_judgement_is_named(self, tmp_path: Path, line: str) -> None:
        (tmp_path / "a.jsonl").write_text(line + "\n")
        with pytest.raises(InputError, match=r"a\.jsonl:1"):
            JudgementStore(tmp_path)

    def test_any_text_can_be_kept(self, tmp_path: Path) -> None:
        with Server(lambda *_: Answer(completion('{"n": 1, "x": "\\ud800 \\u2028"}').body)) as server:
            ask(server, 1, tmp_path)
        (path,) = tmp_path.glob("*.jsonl")
        assert len(path.read_text(encoding="utf-8").splitlines()) == 1


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["n", "content", "x"]), inside, max_size=3)
    ),
    max_leaves=6,
)


@given(
    parts=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("choices", "usage", "model", "system_fingerprint", "error"), ANY_JSON)
    ),
    message=st.dictionaries(st.sampled_from(["content", "refusal", "finish_reason", "role"]), ANY_JSON),
    status=st.sampled_from([200, 200, 201, 204, 302, 400, 413, 418, 422, 429, 500, 503]),
    wait=st.sampled_from([None, "0", "-1", "nan", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"]),
    cut=st.integers(0, 300),
)
@hypothesis_settings(max_examples=60)
def test_any_answer_ends_in_a_value_or_a_reason(
    parts: dict[str, Any], message: Any, status: int, wait: str | None, cut: int
) -> None:
    body = {"choices": [{"message": message, "finish_reason": message.get("finish_reason")}], **parts}
    answer = Answer(json.dumps(body).encode()[: cut or None], status, {"Retry_After": wait} if wait else {})
    with Server(lambda request, i: answer if i % 2 else own(request)) as server:
        judged = ask(server, 4, retries=1, timeout=60.0, concurrency=2)
    assert len(judged) == 4
    assert all((judgement.value is None) != (judgement.reason is None) for judgement in judged)
    assert judged[0].value == 0


@given(
    body=st.one_of(st.binary(max_size=200), st.text(max_size=50).map(lambda t: completion(t).body)), raw=st.booleans()
)
@hypothesis_settings(max_examples=30)
def test_whatever_the_server_sends_the_run_ends_with_values_or_reasons(body: bytes, raw: bool) -> None:
    with Server(
        lambda request, i: (Answer(raw=body) if raw else Answer(body)) if i % 2 == 0 else own(request)
    ) as server:
        try:
            judged = ask(server, 4, retries=0, timeout=60.0)
        except EvalkitError:
            assert raw  # such as a status line with 404
            return
    assert len(judged) == 4
    assert all((judgement.value is None) != (judgement.reason is None) for judgement in judged)
