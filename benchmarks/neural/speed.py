"""Speed of COMET and BERTScore beside unbabel-comet and bert-score, in one process, on random models.

    python -m benchmarks.neural.speed --data ../shared/data/wmt22-zh-en --size tiny --size minilm

It needs both reference implementations (tox -e oracles-neural installs them). 12 systems of 300 segments; theirs is called
system by system with its default settings, as its users call it. Processor time counts all threads and the worker
processes, so that it depends less than wall time on what else the machine does.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.metrics import bertscore
from evalkit.models import comet_network
from tests.models import tiny

SIZES = {
    "tiny": {"hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 256},
    "minilm": {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 1536},
}


class Clock:
    """Wall and processor seconds of a call, and the seconds that a method within it took."""

    def __init__(self, owner: type, method: str) -> None:
        self.owner, self.method, self.plain = owner, method, getattr(owner, method)

    def measure(self, call: Callable[[], Any]) -> tuple[Any, float, float, float]:
        inside = 0.0

        def timed(*arguments: Any, **named: Any) -> Any:
            nonlocal inside
            start = time.perf_counter()
            try:
                return self.plain(*arguments, **named)
            finally:
                inside += time.perf_counter() - start

        setattr(self.owner, self.method, timed)
        start, before = time.perf_counter(), _processor_seconds()
        try:
            result = call()
        finally:
            setattr(self.owner, self.method, self.plain)
        wall = time.perf_counter() - start
        return result, wall, _processor_seconds() - before, inside / wall


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def read(data: Path, segments: int) -> tuple[list[str], list[str], dict[str, list[str]]]:
    """Sources, references and the outputs of 12 systems: every sixth line, so that all kinds of text are there."""

    def lines(path: Path) -> list[str]:
        return path.read_text(encoding="utf-8").split("\n")[:-1][::6][:segments]

    systems = sorted((data / "systems").iterdir())[:12]
    return lines(data / "source.zh"), lines(data / "reference.ref-A.en"), {path.stem: lines(path) for path in systems}


def tokenizer(folder: Path, texts: list[str]) -> int:
    """A SentencePiece-like tokenizer trained on the texts, so that they have as many tokens as with a real one."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    tiny.unigram_tokenizer(folder)
    made = Tokenizer(models.Unigram())
    made.normalizer, made.pre_tokenizer = normalizers.NFKC(), pre_tokenizers.Metaspace()
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    made.train_from_iterator(
        texts, trainers.UnigramTrainer(vocab_size=8000, special_tokens=specials, unk_token="<unk>", show_progress=False)
    )
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made.save(str(folder / "tokenizer.json"))
    return int(made.get_vocab_size())


def models(place: Path, size: str, texts: list[str]) -> tuple[Path, Path]:
    """A COMET checkpoint and its encoder, random, of a size."""
    base = place / f"{size}-encoder"
    vocabulary = tokenizer(base, texts)
    plain = tiny.unigram_tokenizer
    tiny.unigram_tokenizer = lambda folder: vocabulary  # the one just trained
    try:
        comet = tiny.comet(
            place / size, encoder_settings={**SIZES[size], "max_position_embeddings": 514}, hidden_sizes=[768, 256]
        )
    finally:
        tiny.unigram_tokenizer = plain
    return comet, base


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--size", action="append", choices=SIZES, default=[])
    parser.add_argument("--segments", type=int, default=300)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    import logging

    import bert_score
    import comet
    import torch

    logging.disable(logging.WARNING)
    sources, references, systems = read(arguments.data, arguments.segments)
    rows = [
        {"id": str(i), "source": s, "references": [r]} for i, (s, r) in enumerate(zip(sources, references, strict=True))
    ]
    bench = Benchmark.from_dataset(rows, lang="zh-en", name="speed")
    print(
        f"{len(systems)} systems of {len(sources)} segments; torch {torch.__version__}, {torch.get_num_threads()} threads\n"
    )
    print(
        "| model | metric | theirs, s (processor s) | evalkit, s (processor s) | times as fast | encoding, theirs | evalkit |"
    )
    print("|---|---|---|---|---|---|---|")
    texts = [*sources, *references, *(text for outputs in systems.values() for text in outputs)]
    with tempfile.TemporaryDirectory() as place:
        for size in arguments.size or list(SIZES):
            folder, base = models(Path(place), size, texts)
            their_model = comet.load_from_checkpoint(str(folder / "checkpoints" / "model.ckpt"), local_files_only=True)

            def theirs(model: Any = their_model) -> list[list[float]]:
                return [
                    model.predict(
                        [{"src": s, "mt": t, "ref": r} for s, t, r in zip(sources, outputs, references, strict=True)],
                        progress_bar=False,
                    ).scores
                    for outputs in systems.values()
                ]

            def ours(metric: Any) -> Any:
                return evalkit.run(bench, systems, metrics=[metric]).task().by_segment(str(metric)).tolist()

            row(
                size,
                "COMET",
                Clock(type(their_model.encoder), "forward").measure(theirs),
                Clock(comet_network.CometModel, "_layers").measure(lambda m=folder: ours(evalkit.COMET(model=str(m)))),
            )
            layers = SIZES[size]["num_hidden_layers"]

            def bert(folder: Path = base, layers: int = layers) -> list[list[float]]:
                return [
                    bert_score.score(
                        outputs,
                        references,
                        model_type=str(folder),
                        num_layers=layers,
                        use_fast_tokenizer=True,
                        nthreads=0,
                    )[2].tolist()
                    for outputs in systems.values()
                ]

            row(
                size,
                "BERTScore",
                Clock(bert_score.utils, "bert_encode").measure(bert),  # type: ignore[arg-type]
                Clock(bertscore.BertScoreModel, "_embed").measure(
                    lambda m=base, n=layers: ours(evalkit.BERTScore(model=str(m), layer=n))
                ),
            )


def row(size: str, metric: str, theirs: tuple[Any, float, float, float], ours: tuple[Any, float, float, float]) -> None:
    """Print a line of the table, once both are known to be equal."""
    apart = max(abs(a - b) for x, y in zip(theirs[0], ours[0], strict=True) for a, b in zip(x, y, strict=True))
    assert apart < 1e-4, f"{metric} differs by {apart}"
    print(
        f"| {size} | {metric} | {theirs[1]:.1f} ({theirs[2]:.1f}) | {ours[1]:.1f} ({ours[2]:.1f}) | "
        f"{theirs[1] / ours[1]:.2f} ({theirs[2] / ours[2]:.2f}) | {theirs[3]:.0%} | {ours[3]:.0%} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
