"""A server that speaks as much of the OpenAI chat protocol as a test tells it to, on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Answer", "Server", "completion", "error", "reply"]


@dataclass
class Answer:
    """What is sent back: a body with a status, or bytes straight to the connection, after a pause."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    wait: float = 0.0
    drip: float = 0.0


def completion(content: Any, *, finish: str = "stop", model: str | None = None, **message: Any) -> Answer:
    """A chat completion whose content is a text, a list of parts, or an object as JSON."""
    text = json.dumps(content, ensure_ascii=False) if isinstance(content, dict) else content
    body = {
        "object": "chat.completion",
        "model": model or "judge-1",
        "system_fingerprint": "fp_1",
        "choices": [
            {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }
    return Answer(json.dumps(body).encode())


def error(status: int, message: str = "", **headers: str) -> Answer:
    """An error in the protocol's form."""
    return Answer(json.dumps({"error": {"message": message}}).encode(), status, headers)


class Server:
    """``script(request, number)`` gives the answer to the number-th request (from 0), a :class:`Answer` or an object.

    :param models: what GET /models lists, or its whole body; None if the server does not know the address.
    """

    def __init__(
        self, script: Callable[[dict[str, Any], int], Any], models: Sequence[str] | bytes | None = None
    ) -> None:
        self.models = models
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self._script = script
        self._lock = threading.Lock()
        self._closing = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                owner._answer(self)

            def do_GET(self) -> None:
                owner._list_models(self)

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                pass  # the client hung up, as some tests want

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def _list_models(self, handler: BaseHTTPRequestHandler) -> None:
        body = self.models if isinstance(self.models, bytes) else b""
        if not isinstance(self.models, bytes):
            body = json.dumps({"object": "list", "data": [{"id": name} for name in self.models or ()]}).encode()
        handler.send_response(404 if self.models is None else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        request = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
            self.headers.append(dict(handler.headers))
            self.paths.append(handler.path)
        answer = self._script(request, number)
        if not isinstance(answer, Answer):
            answer = completion(answer)
        deadline = time.monotonic() + answer.wait
        while time.monotonic() < deadline and not self._closing.is_set():
            time.sleep(0.005)
        if answer.raw is not None:
            for byte in answer.raw if answer.drip else ():
                handler.wfile.write(bytes([byte]))
                self._closing.wait(answer.drip)
            handler.wfile.write(b"" if answer.drip else answer.raw)
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()


def reply(request: dict[str, Any]) -> str:
    """The last message of a request."""
    return str(request["messages"][-1]["content"])
