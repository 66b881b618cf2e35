"""What unbabel-comet 2.2.7 and bert-score 0.3.13 say of the tiny checkpoints; run it to record their scores.

    python -m tests.models.neural_oracles

It needs both packages, which hold numpy, transformers and setuptools back: tox -e oracles-neural.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.models import tiny

RECORDED = Path(__file__).with_name("neural_oracle_scores.json")


def comet_scores(
    folder: Path, systems: dict[str, list[str]], *, reference: bool = True
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Scores and error spans by system."""
    import comet

    model = comet.load_from_checkpoint(str(folder / "checkpoints" / "model.ckpt"), local_files_only=True)
    rows = [
        {"src": s, "mt": t, **({"ref": r} if reference else {})}
        for texts in systems.values()
        for s, t, r in zip(tiny.SOURCES, texts, tiny.REFERENCES, strict=True)
    ]
    given = model.predict(rows, batch_size=2, gpus=0, num_workers=0, progress_bar=False)
    spans = given.metadata.error_spans if "metadata" in given and "error_spans" in given.metadata else [[]] * len(rows)
    n = len(tiny.SOURCES)
    parts = {system: slice(i * n, (i + 1) * n) for i, system in enumerate(systems)}
    scores = [float(score) for score in given.scores]
    return {s: scores[part] for s, part in parts.items()}, {s: spans[part] for s, part in parts.items()}


def bert_scores(folder: Path, family: str, layer: int, idf: bool, texts: Sequence[str]) -> list[list[float]]:
    """Precision, recall and F of each text."""
    import bert_score

    columns = bert_score.score(
        list(texts),
        tiny.REFERENCES,
        model_type=str(folder),
        num_layers=layer,
        idf=idf,
        nthreads=0,
        batch_size=1,
        device="cpu",
        use_fast_tokenizer=family == "xlm-roberta",
    )
    return [column.tolist() for column in columns]


def record() -> dict[str, Any]:
    found: dict[str, Any] = {"comet": {}, "bertscore": {}}
    with tempfile.TemporaryDirectory() as place:
        for name, (kind, settings) in tiny.COMETS.items():
            folder = tiny.comet(Path(place) / name.replace(", ", "-"), kind, **settings)
            found["comet"][name], _ = comet_scores(folder, tiny.SYSTEMS)
        for family, layer in tiny.BERTS:
            folder = Path(place) / family
            tiny.encoder(folder, family)
            for idf in (False, True):
                found["bertscore"][f"{family} {layer} {idf}"] = {
                    system: bert_scores(folder, family, layer, idf, texts) for system, texts in tiny.SYSTEMS.items()
                }
    return found


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")
