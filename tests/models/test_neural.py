"""Model-based metrics on tiny random models: parity, batches, lengths, stores and bad input."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import InputError, SettingError
from evalkit.metrics import model_metric
from evalkit.metrics.base import References
from evalkit.metrics.parsing import parse
from evalkit.models import batching, comet_network
from evalkit.models.model_folder import find_model, model_errors
from evalkit.models.text_encoder import position_limit

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("safetensors")
torch.set_num_threads(1)  # models as small as these only wait for each other's threads

from safetensors.torch import load_file  # noqa: E402

from tests.models import neural_oracles, tiny  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

#: 1e-6, and half a unit of the sixth decimal, to which evalkit rounds.
EQUAL = 1.5e-6
ROWS = [
    {"id": f"s{i}", "article": f"a{i // 2}", "source": s, "references": [r]}
    for i, (s, r) in enumerate(zip(tiny.SOURCES, tiny.REFERENCES, strict=True))
]
BENCH = Benchmark.from_dataset(ROWS, lang="zh-en", name="tiny")


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model of each kind."""
    place = tmp_path_factory.mktemp("models")
    tiny.comet(place / "regression")
    tiny.comet(place / "kiwi", "unified_metric", input_segments=["mt", "src"])
    tiny.comet(place / "xcomet", "xcomet_metric", seed=3)
    tiny.encoder(place / "bert", "bert")
    return place


def run(metric: Any, systems: Any = tiny.SYSTEMS, bench: Benchmark = BENCH, **runtime: Any) -> Any:
    return evalkit.run(bench, systems, metrics=[metric], runtime=evalkit.Runtime(**runtime)).task()


def scores(metric: Any, *arguments: Any, **runtime: Any) -> Any:
    return run(metric, *arguments, **runtime).by_segment(str(metric))


# -- numbers ----------------------------------------------------------------------------------------------------------

RECORDED = json.loads(neural_oracles.RECORDED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", tiny.COMETS)
def test_comet_gives_the_scores_of_unbabel_comet_at_every_batch_size(name: str, tmp_path: Path) -> None:
    kind, settings = tiny.COMETS[name]
    folder = tiny.comet(tmp_path / "model", kind, **settings)
    expected = list(RECORDED["comet"][name].values())
    assert len({round(score, 3) for row in expected for score in row}) > 8, "the scores hardly differ"
    for batch in (1, 4, 16):
        found = scores(evalkit.COMET(model=str(folder)), batch_size=batch)
        np.testing.assert_allclose(found, expected, atol=EQUAL, rtol=0)


@pytest.mark.parametrize(("family", "layer"), tiny.BERTS)
@pytest.mark.parametrize("idf", [False, True])
def test_bertscore_gives_the_scores_of_bert_score(family: str, layer: int, idf: bool, tmp_path: Path) -> None:
    tiny.encoder(tmp_path / family, family)
    expected = RECORDED["bertscore"][f"{family} {layer} {idf}"]
    for measure, column in (("precision", 0), ("recall", 1), ("f", 2)):
        metric = evalkit.BERTScore(model=str(tmp_path / family), layer=layer, idf=idf, measure=measure)
        for batch in (1, 16):
            found = scores(metric, batch_size=batch)
            np.testing.assert_allclose(found, [rows[column] for rows in expected.values()], atol=EQUAL, rtol=0)


def test_bertscore_matches_token_by_token_as_the_formula_says(folders: Path) -> None:
    from evalkit.metrics.bertscore import load_bertscore
    from evalkit.models.scoring_model import load_once

    model = load_once(str(folders / "bert"), evalkit.Runtime(), load_bertscore, 2, torch.device("cpu"), "float32")
    output, reference = tiny.SYSTEMS["other"][0], tiny.REFERENCES[0]
    with torch.inference_mode():
        a, b = (model._embed([model.tokens.ids(text)])[0][0].double().numpy() for text in (output, reference))
    likeness = a @ b.T
    precision, recall = likeness.max(axis=1)[1:-1].mean(), likeness.max(axis=0)[1:-1].mean()
    one = Benchmark.from_dataset(ROWS[:1], lang="zh-en")
    found = scores(evalkit.BERTScore(model=str(folders / "bert"), layer=2), {"x": [output]}, one)
    assert found[0, 0] == pytest.approx(2 * precision * recall / (precision + recall), abs=2e-6)


def test_each_source_and_reference_is_encoded_once(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[tuple[int, ...]] = []
    plain = comet_network.CometModel._embed
    monkeypatch.setattr(
        comet_network.CometModel, "_embed", lambda self, rows: encoded.extend(map(tuple, rows)) or plain(self, rows)
    )
    run(evalkit.COMET(model=str(folders / "regression")))
    assert len(encoded) == len(set(encoded))
    texts = {*tiny.SOURCES, *tiny.REFERENCES, *(text for texts in tiny.SYSTEMS.values() for text in texts)}
    assert len(encoded) == len(texts)


def test_safetensors_and_checkpoint_give_the_same(folders: Path, tmp_path: Path) -> None:
    safe = tiny.comet(tmp_path / "safe", safe=True)
    np.testing.assert_array_equal(
        scores(evalkit.COMET(model=str(safe))), scores(evalkit.COMET(model=str(folders / "regression")))
    )


def test_bfloat16_is_near_and_named_in_the_signature(folders: Path) -> None:
    metric = evalkit.COMET(model=str(folders / "regression"))
    half = dataclasses.replace(metric, dtype="bfloat16")
    np.testing.assert_allclose(scores(metric), scores(half), atol=0.1)
    assert "|dtype:bfloat16|" in half.signature()


@pytest.mark.parametrize("model", ["regression", "kiwi", "bert"])
def test_a_program_that_trades_precision_for_speed_gets_the_same_scores(
    model: str, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metric = (_bert_of if model == "bert" else _comet_of)(folders / model)
    plain = scores(metric)
    matmul, allowed = torch.backends.cuda.matmul, set()
    forward = torch.nn.Linear.forward

    def watched(layer: Any, values: Any) -> Any:
        allowed.add(getattr(matmul, "fp32_precision", "ieee"))
        return forward(layer, values)

    monkeypatch.setattr(torch.nn.Linear, "forward", watched)
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            fast = scores(metric)
        assert (torch.get_float32_matmul_precision(), matmul.allow_tf32) == ("medium", True)
    finally:
        torch.set_float32_matmul_precision("highest")
    np.testing.assert_array_equal(fast, plain)
    assert allowed == {"ieee"}


def test_a_unified_model_that_says_sparsemax_is_read_with_softmax(tmp_path: Path) -> None:
    told: list[str] = []
    said = tiny.comet(tmp_path / "said", "unified_metric", layer_transformation="sparsemax")
    meant = tiny.comet(tmp_path / "meant", "unified_metric")
    as_trained = scores(evalkit.COMET(model=str(said)), notify=told.append)
    np.testing.assert_array_equal(as_trained, scores(evalkit.COMET(model=str(meant))))
    assert any("says sparsemax" in sentence for sentence in told)
    assert np.abs(as_trained - scores(evalkit.COMET(model=str(said), mixture="sparsemax"))).max() > 1e-3


def test_spans_of_xcomet_become_findings(folders: Path) -> None:
    metric = evalkit.COMET(model=str(folders / "xcomet"))
    task = run(metric)
    found = [
        (text, finding)
        for system, by_segment in task.findings[str(metric)].items()
        for text, findings in zip(tiny.SYSTEMS[system], by_segment, strict=True)
        for finding in findings
    ]
    assert len(found) > 5
    for text, finding in found:
        assert finding.output_span is not None
        start, end = finding.output_span
        assert finding.key == text[start:end]
        assert finding.key.strip()
        assert finding.kind in ("minor-error", "major-error", "critical-error")
        assert finding.severity == ("warning" if finding.kind == "minor-error" else "error")


# -- the laws of the table -----------------------------------------------------------------------------------------------


@pytest.fixture(params=["COMET", "BERTScore"])
def metric(request: pytest.FixtureRequest, folders: Path) -> Any:
    """One metric with its model."""
    return {
        "COMET": evalkit.COMET(model=str(folders / "regression"), empty="-9"),
        "BERTScore": evalkit.BERTScore(model=str(folders / "bert"), layer=2),
    }[request.param]


def _side(order: list[int]) -> References:
    return References(
        tuple((tiny.REFERENCES[i],) for i in order),
        lang="en",
        sources=tuple(tiny.SOURCES[i] for i in order),
        source_lang="zh",
    )


def test_rows_are_finite_depend_on_their_segment_and_are_pure(metric: Any) -> None:
    texts = [*tiny.SYSTEMS["other"][:4], ""]
    whole = metric.statistics(texts, _side([0, 1, 2, 3, 4]))
    assert whole.shape == (5, len(metric.columns))
    assert np.isfinite(whole).all()
    order = [3, 1, 4, 0, 2]
    np.testing.assert_allclose(metric.statistics([texts[i] for i in order], _side(order)), whole[order], atol=2e-6)
    np.testing.assert_array_equal(metric.statistics(texts, _side([0, 1, 2, 3, 4])), whole)
    stacked = np.stack([whole, whole[::-1], whole + whole])
    np.testing.assert_allclose(metric.score(stacked)[0], metric.score(whole))
    assert np.isnan(metric.score(np.zeros(len(metric.columns))))
    assert metric.statistics([], _side([])).shape == (0, len(metric.columns))


def test_emptying_an_output_never_raises_the_score(metric: Any) -> None:
    rows = metric.statistics(tiny.SYSTEMS["other"], _side([0, 1, 2, 3, 4]))
    empty = metric.statistics([" "] * 5, _side([0, 1, 2, 3, 4]))
    assert (metric.score(empty) <= metric.score(rows)).all()
    np.testing.assert_array_equal(empty[:, -1], rows[:, -1])


def test_strings_and_signatures(metric: Any) -> None:
    assert parse(str(metric)) == metric
    task = run(metric)
    signature = task.metrics[0].signature
    assert "|fingerprint:sha256:" in signature
    assert str(Path(metric.model).parent) not in signature
    assert task.metrics[0].metric.empty == metric.empty


def test_results_are_saved_and_loaded_without_the_model(metric: Any, tmp_path: Path) -> None:
    results = evalkit.run(BENCH, tiny.SYSTEMS, metrics=[metric])
    evalkit.save_results(results, tmp_path / "run")
    loaded = evalkit.load_results(tmp_path / "run")
    assert loaded.task().metrics[0].signature == results.task().metrics[0].signature
    np.testing.assert_array_equal(loaded.task().corpus(str(metric)), results.task().corpus(str(metric)))


def test_a_single_call_scores_texts(metric: Any) -> None:
    found = evalkit.score(
        tiny.SYSTEMS["other"],
        [[r] for r in tiny.REFERENCES],
        metrics=[metric],
        lang="en",
        sources=tiny.SOURCES,
        source_lang="zh",
    )
    assert found[str(metric)] == pytest.approx(run(metric).corpus(str(metric))[1], abs=2e-6)


# -- references, empty outputs, lengths ----------------------------------------------------------------------------------


def test_several_references_give_their_mean_or_the_best(folders: Path) -> None:
    second = [{**row, "references": [*row["references"], "x y z"][: 2 - i % 2]} for i, row in enumerate(ROWS)]
    bench = Benchmark.from_dataset(second, lang="zh-en")
    told: list[str] = []
    each = [
        scores(evalkit.COMET(model=str(folders / "regression")), {"o": tiny.SYSTEMS["other"]}, b)
        for b in (BENCH, Benchmark.from_dataset([{**row, "references": ["x y z"]} for row in ROWS], lang="zh-en"))
    ]
    for way, combine in (("mean", np.mean), ("max", np.max)):
        metric = evalkit.COMET(model=str(folders / "regression"), references=way)
        found = scores(metric, {"o": tiny.SYSTEMS["other"]}, bench, notify=told.append)
        expected = combine([each[0], each[1]], axis=0)
        expected[:, 1::2] = each[0][:, 1::2]
        np.testing.assert_allclose(found, expected, atol=2e-6)
    assert "the segments have 1 to 2 references" in told[0]


def test_an_empty_output_gets_the_worst_score_of_its_family(folders: Path, tmp_path: Path) -> None:
    shutil.copytree(folders / "regression", tmp_path / "wmt22-comet-da")
    systems = {"o": ["", " \n", *tiny.SYSTEMS["other"][2:]]}
    known = run(evalkit.COMET(model=str(tmp_path / "wmt22-comet-da")), systems)
    assert known.by_segment(known.metrics[0].label)[0, :2].tolist() == [0.0, 0.0]
    assert "|empty:0|" in known.metrics[0].signature
    unknown = str(folders / "regression")
    with pytest.raises(SettingError, match=r"choose it with empty=0 \(a number\), or empty=model"):
        run(evalkit.COMET(model=unknown), systems)
    assert scores(evalkit.COMET(model=unknown, empty="-1.5"), systems)[0, 0] == -1.5
    assert np.isfinite(scores(evalkit.COMET(model=unknown, empty="model"), systems)).all()
    assert scores(evalkit.BERTScore(model=str(folders / "bert"), layer=2), systems)[0, 0] == 0.0
    with pytest.raises(SettingError, match="empty=worst is neither a number nor model"):
        evalkit.COMET(empty="worst")


def test_outputs_worse_than_an_empty_one_are_told(folders: Path) -> None:
    told: list[str] = []
    systems = {"o": ["", *tiny.SYSTEMS["other"][1:]]}
    for empty in ("5", "-5"):
        run(evalkit.COMET(model=str(folders / "regression"), empty=empty), systems, notify=told.append)
    assert [sentence.split(",")[0] for sentence in told] == ["COMET: 4 outputs with a worse score than an empty one"]


LONG = "The cat sat on the mat. " * 60
LONG_ROW = {"id": "long", "article": "a9", "source": "猫坐在垫上。" * 60, "references": [LONG.strip()]}
LONG_BENCH = Benchmark.from_dataset([*ROWS, LONG_ROW], lang="zh-en")


def test_texts_that_are_too_long_are_refused_and_listed(folders: Path) -> None:
    systems = {"o": [*tiny.SYSTEMS["other"], LONG.strip()]}
    for name in ("regression", "kiwi"):
        with pytest.raises(SettingError, match=r"1 text too long \(segment 'long' of o: [\d,]+ tokens, limit 2\d\d\)"):
            run(evalkit.COMET(model=str(folders / name)), systems, LONG_BENCH)
    with pytest.raises(SettingError, match="'long' of o"):
        run(evalkit.BERTScore(model=str(folders / "bert"), layer=2), systems, LONG_BENCH)


def test_aligned_sentences_are_judged_in_windows(folders: Path) -> None:
    systems = {"o": [*tiny.SYSTEMS["other"], LONG.strip()]}
    metric = evalkit.COMET(model=str(folders / "regression"), long="window")
    found = scores(metric, systems, LONG_BENCH)[0]
    short = Benchmark.from_dataset(
        [
            {"id": str(n), "source": "猫坐在垫上。" * n, "references": [("The cat sat on the mat. " * n)]}
            for n in range(1, 26)
        ],
        lang="zh-en",
    )
    outputs = {"o": ["The cat sat on the mat. " * n for n in range(1, 26)]}
    parts = scores(dataclasses.replace(metric, long="truncate"), outputs, short)[0]
    # Sixty equal sentences: windows of equal texts, but for the last.
    assert parts.min() - 1e-6 <= found[5] <= parts.max() + 1e-6
    uneven = {"o": [*tiny.SYSTEMS["other"], LONG.strip() + " And more."]}
    with pytest.raises(SettingError, match="do not have the same number of sentences"):
        run(metric, uneven, LONG_BENCH)


def test_the_findings_of_equal_windows_lie_in_their_own_windows(folders: Path) -> None:
    systems = {"o": [*tiny.SYSTEMS["other"], LONG.strip()]}
    metric = evalkit.COMET(model=str(folders / "xcomet"), long="window")
    spans = [finding.output_span for finding in run(metric, systems, LONG_BENCH).findings[str(metric)]["o"][5]]
    assert len(set(spans)) == len(spans) > 0
    assert max(start for start, _ in spans) > len(LONG) / 2


def test_half_an_emoji_is_one_unknown_character(metric: Any) -> None:
    texts = [f"A {half} cat." for half in "\ud83d\ufffd"]
    half, unknown = (metric.statistics([text, "He came.", "x", "y", "z"], _side([0, 1, 2, 3, 4])) for text in texts)
    np.testing.assert_array_equal(half, unknown)


@pytest.mark.parametrize(
    ("source", "reference", "blank"), [(" ", "He came.", "source"), ("他来了。", " ", "reference")]
)
def test_a_blank_source_or_reference_is_not_judged(folders: Path, source: str, reference: str, blank: str) -> None:
    texts = {"sources": ["猫坐在垫子上。", source], "source_lang": "zh", "lang": "en"}
    metric = _comet_of(folders / "regression")
    with pytest.raises(SettingError, match=f"reads a {blank}, and segment 2 has none, or a blank one"):
        evalkit.score(["A cat.", "He is here."], [["The cat."], [reference]], metrics=[metric], **texts)


def test_texts_that_are_cut_are_named(folders: Path) -> None:
    told: list[str] = []
    systems = {"o": [*tiny.SYSTEMS["other"], LONG.strip()]}
    metric = evalkit.COMET(model=str(folders / "regression"), long="truncate")
    results = evalkit.run(LONG_BENCH, systems, metrics=[metric], runtime=evalkit.Runtime(notify=told.append))
    assert results.info["models"][str(metric)]["truncated"][0].startswith("segment 'long' of o: ")
    assert told[-1].startswith("COMET: 1 text cut: segment 'long' of o")


# -- stores and memory ----------------------------------------------------------------------------------------------------


def test_a_killed_run_goes_on_and_gives_the_same(
    folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_metric, "_CHUNK_ITEMS", 4)
    metric = evalkit.COMET(model=str(folders / "xcomet"))
    whole = run(metric)

    def stop(done: int, total: int, what: str) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evalkit.run(
            BENCH, tiny.SYSTEMS, metrics=[metric], progress=stop, runtime=evalkit.Runtime(store=tmp_path / "store")
        )
    (file,) = (tmp_path / "store").iterdir()
    lines = file.read_bytes().splitlines(keepends=True)
    assert len(lines) == 8
    file.write_bytes(b"".join(lines[:7]) + lines[7][:40])  # killed in the middle of a line
    runtime = evalkit.Runtime(store=tmp_path / "store")
    resumed = evalkit.run(BENCH, tiny.SYSTEMS, metrics=[metric], runtime=runtime).task()
    assert runtime.record[str(metric)]["from_store"] == 7
    np.testing.assert_array_equal(resumed.statistics[str(metric)], whole.statistics[str(metric)])
    assert resumed.findings == whole.findings
    warm = evalkit.Runtime(store=tmp_path / "store")
    again = evalkit.run(BENCH, tiny.SYSTEMS, metrics=[metric], runtime=warm).task()
    assert warm.record[str(metric)]["judged_now"] == 0
    np.testing.assert_array_equal(again.statistics[str(metric)], whole.statistics[str(metric)])


def test_a_store_belongs_to_one_model_and_setting(folders: Path, tmp_path: Path) -> None:
    for metric in (
        evalkit.COMET(model=str(folders / "regression")),
        evalkit.COMET(model=str(folders / "kiwi")),
        evalkit.COMET(model=str(folders / "regression"), dtype="bfloat16"),
        evalkit.BERTScore(model=str(folders / "bert"), layer=1),
        evalkit.BERTScore(model=str(folders / "bert"), layer=2),
        evalkit.BERTScore(model=str(folders / "bert"), layer=2, idf=True),
    ):
        runtime = evalkit.Runtime(store=tmp_path)
        evalkit.run(BENCH, tiny.SYSTEMS, metrics=[metric], runtime=runtime)
        assert runtime.record[str(metric)]["from_store"] == 0
    assert len(list(tmp_path.iterdir())) == 6
    runtime = evalkit.Runtime(store=tmp_path)
    other = evalkit.BERTScore(model=str(folders / "bert"), layer=2, measure="recall", references="max")
    evalkit.run(BENCH, tiny.SYSTEMS, metrics=[other], runtime=runtime)
    assert runtime.record[str(other)]["judged_now"] == 0


def test_the_batch_halves_when_memory_runs_out(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metric = evalkit.COMET(model=str(folders / "regression"))
    expected = scores(metric)
    plain = comet_network.CometModel._embed

    def embed(self: Any, rows: Any) -> Any:
        if len(rows) > limit:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return plain(self, rows)

    limit = 3
    monkeypatch.setattr(comet_network.CometModel, "_embed", embed)
    runtime = evalkit.Runtime(batch_size=16)
    found = evalkit.run(BENCH, tiny.SYSTEMS, metrics=[metric], runtime=runtime).task().by_segment(str(metric))
    np.testing.assert_allclose(found, expected, atol=2e-6)
    assert runtime.record[str(metric)]["batch_size"] == 2
    limit = 0
    with pytest.raises(InputError, match="not enough memory for a single text"):
        run(metric)


def test_batches_put_results_back_in_order() -> None:
    seen: list[list[str]] = []
    items = ["ccc", "a", "bb", "dddd", "e"]
    found = batching.Batches(2).run(items, lambda part: seen.append(part) or [x.upper() for x in part])
    assert found == ["CCC", "A", "BB", "DDDD", "E"]
    assert seen == [["dddd", "ccc"], ["bb", "a"], ["e"]]
    with pytest.raises(RuntimeError, match="another reason"):
        batching.Batches(2).run(["a"], lambda part: (_ for _ in ()).throw(RuntimeError("another reason")))


# -- bad input --------------------------------------------------------------------------------------------------------------


def _copy(folders: Path, name: str, place: Path) -> Path:
    return Path(shutil.copytree(folders / name, place / name))


def _comet_of(folder: Path) -> Any:
    return evalkit.COMET(model=str(folder))


def _bert_of(folder: Path) -> Any:
    return evalkit.BERTScore(model=str(folder), layer=2)


def _broken(folders: Path, place: Path) -> dict[str, tuple[Any, str]]:
    """Models that cannot be used, and what is said of each."""
    found: dict[str, tuple[Any, str]] = {}
    (place / "plain").mkdir()
    (place / "plain" / "notes.md").write_text("nothing")
    found["no model"] = _comet_of(place / "plain"), "contains no model"
    found["no folder"] = evalkit.COMET(model="./nowhere"), "neither a folder nor"
    found["not here"] = evalkit.COMET(model="some-body/some-model"), "not on this machine; download it with --download"
    found["a file"] = evalkit.COMET(model=str(folders / "regression" / "hparams.yaml")), "this is a file"
    found["another kind"] = _comet_of(folders / "bert"), "not a checkpoint of COMET: it has no hparams.yaml"
    found["COMET for BERTScore"] = _bert_of(folders / "regression"), "not an encoder in the layout of transformers"
    kind = _copy(folders, "regression", place / "kind")
    text = (kind / "hparams.yaml").read_text()
    (kind / "hparams.yaml").write_text(text.replace("regression_metric", "ranking_metric"))
    found["ranking"] = _comet_of(kind), "hparams: Invalid enum value .ranking_metric."
    yaml = _copy(folders, "regression", place / "yaml")
    (yaml / "hparams.yaml").write_text("a: [")
    found["damaged settings"] = _comet_of(yaml), r"hparams.yaml: damaged"
    code = _copy(folders, "regression", place / "code")
    torch.save({"state_dict": {}, "callbacks": Path("x")}, code / "checkpoints" / "model.ckpt")
    found["code"] = _comet_of(code), "is not read, since that could run code"
    cut = _copy(folders, "regression", place / "cut")
    data = (cut / "checkpoints" / "model.ckpt").read_bytes()
    (cut / "checkpoints" / "model.ckpt").write_bytes(data[: len(data) // 2])
    found["cut short"] = _comet_of(cut), r"model.ckpt: .*damaged"
    lacks = _copy(folders, "regression", place / "lacks")
    content = torch.load(lacks / "checkpoints" / "model.ckpt", weights_only=True)
    del content["state_dict"]["encoder.model.encoder.layer.1.output.dense.weight"]
    torch.save(content, lacks / "checkpoints" / "model.ckpt")
    found["weights missing"] = _comet_of(lacks), "does not fit its encoder"
    other = _copy(folders, "regression", place / "other")
    content = torch.load(folders / "kiwi" / "checkpoints" / "model.ckpt", weights_only=True)
    torch.save({"state_dict": content["state_dict"]}, other / "checkpoints" / "model.ckpt")
    found["weights of another kind"] = _comet_of(other), "a regression_metric with this encoder needs"
    nan = _copy(folders, "regression", place / "nan")
    content = torch.load(nan / "checkpoints" / "model.ckpt", weights_only=True)
    content["state_dict"]["estimator.ff.0.weight"][:] = float("nan")
    torch.save(content, nan / "checkpoints" / "model.ckpt")
    found["nan"] = _comet_of(nan), "gives no number for the output"
    marks = _copy(folders, "xcomet", place / "marks")
    content = torch.load(marks / "checkpoints" / "model.ckpt", weights_only=True)
    content["state_dict"]["hidden2tag.bias"][:] = float("nan")
    torch.save(content, marks / "checkpoints" / "model.ckpt")
    found["nan in the spans"] = _comet_of(marks), "gives no number for the output"
    states = _copy(folders, "bert", place / "states")
    state = load_file(states / "model.safetensors")
    state["encoder.layer.0.output.dense.bias"][:] = float("nan")
    tiny.save(states / "model.safetensors", state)
    found["nan in the embeddings"] = _bert_of(states), "gives no number for the output"
    half = _copy(folders, "bert", place / "half")
    data = (half / "model.safetensors").read_bytes()
    (half / "model.safetensors").write_bytes(data[: len(data) // 2])
    found["damaged safetensors"] = _bert_of(half), "or damaged"
    token = _copy(folders, "bert", place / "token")
    content = json.loads((token / "tokenizer.json").read_text())
    content["post_processor"] = None
    (token / "tokenizer.json").write_text(json.dumps(content))
    found["no special tokens"] = _bert_of(token), "has no tokens that start and end a text"
    words = _copy(folders, "bert", place / "words")
    (words / "tokenizer.json").write_text("{")
    found["damaged tokenizer"] = _bert_of(words), r"tokenizer.json: damaged"
    absent = _copy(folders, "bert", place / "absent")
    for name in ("tokenizer.json", "vocab.txt"):
        (absent / name).unlink()
    found["no tokenizer"] = _bert_of(absent), "no tokenizer: none of"
    pointer = _copy(folders, "regression", place / "pointer")
    (pointer / "checkpoints" / "model.ckpt").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
    found["pointer"] = _comet_of(pointer), "git lfs pull"
    foreign = _copy(folders, "regression", place / "foreign")
    tiny.byte_tokenizer(shutil.copytree(folders / "regression-encoder", foreign / "encoder"))
    settings: dict[str, tuple[dict[str, Any], str]] = {
        "foreign": ({"pretrained_model": "encoder"}, "the tokenizer is not that of the model"),
        "no number": ({"activations": "Softmax"}, "the activation 'Softmax' is unknown"),
        "no module": ({"final_activation": "Linear"}, "the activation 'Linear' is unknown"),
        "layers": ({"layer": 44}, "layer 44, but the encoder has 4"),
        "sizes": ({"hidden_sizes": [5]}, "the weights estimator.ff.0.weight are"),
        "pool": ({"pool": "sum"}, "hparams: Invalid enum value 'sum'"),
        "norm": ({"layer_norm": "maybe"}, "hparams: Expected `bool"),
    }
    for name, (changed, message) in settings.items():
        folder = foreign if name == "foreign" else _copy(folders, "regression", place / name)
        content = torch.load(folder / "checkpoints" / "model.ckpt", weights_only=True)
        content["hyper_parameters"] |= changed
        torch.save(content, folder / "checkpoints" / "model.ckpt")
        found[name] = _comet_of(folder), message
    for name, (change, message) in {
        "no bias": (lambda state: state.pop("estimator.ff.3.bias"), "estimator.ff.3.bias are missing"),
        "shape": (
            lambda state: state.update({"estimator.ff.3.weight": torch.ones(7, 24)}),
            r"ff.3.weight are \(7, 24\)",
        ),
        "integers": (
            lambda state: state.update({"layerwise_attention.gamma": torch.ones(1).long()}),
            "gamma are missing or",
        ),
    }.items():
        folder = _copy(folders, "regression", place / name)
        content = torch.load(folder / "checkpoints" / "model.ckpt", weights_only=True)
        change(content["state_dict"])
        torch.save(content, folder / "checkpoints" / "model.ckpt")
        found[name] = _comet_of(folder), message
    wrong = dataclasses.replace(_comet_of(folders / "regression"), fingerprint="sha256:00")
    found["wrong hash"] = wrong, "not sha256:00; it is another model"
    found["layer"] = evalkit.BERTScore(model=str(folders / "bert"), layer=9), "layer=9, but .* has the layers 0 to 3"
    return found


def test_a_device_that_is_too_small_is_not_called_a_damaged_model() -> None:
    message = "some/model: not enough memory to load the model; use --dtype bfloat16"
    with pytest.raises(InputError, match=message), model_errors("some/model", "a checkpoint"):
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 MiB.")


def test_models_that_cannot_be_used_are_told_in_one_sentence(folders: Path, tmp_path: Path) -> None:
    for name, (metric, message) in _broken(folders, tmp_path).items():
        with pytest.raises((InputError, SettingError), match=message) as caught:
            run(metric)
        assert "\n" not in str(caught.value), name


@pytest.mark.parametrize("config", [SimpleNamespace(), SimpleNamespace(max_position_embeddings=-1)])
def test_a_model_without_a_length_is_refused(config: Any, folders: Path) -> None:
    folder = find_model(str(folders / "bert"), evalkit.Runtime())
    with pytest.raises(InputError, match="does not state how long a text may be"):
        position_limit(folder, config)


def test_what_was_scored_before_a_number_fails_is_kept(folders: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(model_metric, "_CHUNK_ITEMS", 4)
    plain = comet_network.CometModel.judge
    calls: list[int] = []

    def judge(self: Any, items: Any, batches: Any) -> Any:
        calls.append(len(items))
        found = plain(self, items, batches)
        return [dataclasses.replace(found[0], values=(float("nan"),)), *found[1:]] if len(calls) == 2 else found

    monkeypatch.setattr(comet_network.CometModel, "judge", judge)
    metric = _comet_of(folders / "regression")
    with pytest.raises(InputError, match="gives no number"):
        run(metric, store=tmp_path)
    runtime = evalkit.Runtime(store=tmp_path)
    evalkit.run(BENCH, tiny.SYSTEMS, metrics=[metric], runtime=runtime)
    assert runtime.record[str(metric)]["from_store"] == 7


def test_unknown_devices_and_missing_sources_are_refused(folders: Path) -> None:
    with pytest.raises(SettingError, match="the device 'tpu9' cannot be used"):
        run(_comet_of(folders / "regression"), device="tpu9")
    without = Benchmark.from_dataset([{k: v for k, v in row.items() if k != "source"} for row in ROWS], lang="en")
    with pytest.raises(SettingError, match="needs sources"):
        run(_comet_of(folders / "regression"), tiny.SYSTEMS, without)


def test_licenses_that_forbid_commercial_use_are_told(folders: Path, tmp_path: Path) -> None:
    told: list[str] = []
    kiwi = Path(shutil.copytree(folders / "kiwi", tmp_path / "wmt22-cometkiwi-da"))
    run(_comet_of(kiwi), notify=told.append)
    stated = Path(shutil.copytree(folders / "regression", tmp_path / "mine"))
    (stated / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    run(_comet_of(stated), notify=told.append)
    free = Path(shutil.copytree(folders / "kiwi", tmp_path / "cometkiwi-of-mine"))
    (free / "README.md").write_text("---\nlicense: apache-2.0\n---\n")
    run(_comet_of(free), notify=told.append)
    assert [sentence.split(": ", 1)[1] for sentence in told] == [
        "its license (CC BY-NC-SA 4.0) allows no commercial use",
        "its license (cc-by-nc-4.0) allows no commercial use",
    ]


# -- the command line ---------------------------------------------------------------------------------------------------------


def test_the_command_scores_resumes_and_says_what_is_wrong(
    folders: Path, tmp_path: Path, cli: Callable[..., CompletedProcess[str]]
) -> None:
    for name, lines in (("source.zh", tiny.SOURCES), ("ref.en", tiny.REFERENCES), ("mine.en", tiny.SYSTEMS["other"])):
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    bench = ["--source", "source.zh", "--reference", "ref.en", "--lang", "zh-en", "mine.en"]
    metric = f"COMET(model={folders / 'regression'})"
    done = cli("run", *bench, "-m", metric, "--batch-size", "2", "--device", "cpu", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    again = cli("run", *bench, "-m", metric, "--format", "json", "--out", "again", cwd=tmp_path)
    assert done.stdout == again.stdout
    assert (tmp_path / "evalkit-results" / "statistics.parquet").read_bytes() == (
        tmp_path / "again" / "statistics.parquet"
    ).read_bytes()
    wrong = cli("run", *bench, "-m", "COMET(model=./nowhere)", "--out", "none", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "evalkit: ./nowhere: neither a folder nor the name of a model on the hub\n",
    )
    assert not (tmp_path / "none").exists()
    useless = cli("run", *bench, "-m", "chrF", "--dtype", "bfloat16", cwd=tmp_path)
    assert useless.returncode == 2
    assert "--dtype applies to metrics that use a model" in useless.stderr


# -- the hub ------------------------------------------------------------------------------------------------------------------


class _Hub:
    """A hub that has one model, and remembers what it was asked for."""

    def __init__(self, folder: Path, reachable: bool = True) -> None:
        self.folder, self.reachable, self.asked = folder, reachable, []

    def model_info(self, name: str, files_metadata: bool) -> Any:
        if not self.reachable:
            raise OSError("no route to host\nand more")
        files = ["config.json", "model.safetensors", "pytorch_model.bin", "onnx/model.onnx", "tf_model.h5"]
        siblings = [SimpleNamespace(rfilename=file, size=1_500_000_000) for file in files]
        card = SimpleNamespace(to_dict=lambda: {"license": "cc-by-nc-4.0"})
        return SimpleNamespace(siblings=siblings, card_data=card, sha="0" * 40)

    def snapshot_download(self, name: str, local_files_only: bool = False, **settings: Any) -> str:
        self.asked.append("cache" if local_files_only else settings["ignore_patterns"])
        if local_files_only and not getattr(self, "cached", False):
            raise FileNotFoundError(name)
        return str(self.folder)


@pytest.fixture
def hub(folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Hub:
    import huggingface_hub

    folder = Path(shutil.copytree(folders / "regression", tmp_path / "snapshots" / ("0" * 40)))
    made = _Hub(folder)
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: made)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", made.snapshot_download)
    return made


def test_nothing_is_downloaded_unless_asked_for(hub: _Hub) -> None:
    with pytest.raises(InputError, match="not on this machine"):
        run(evalkit.COMET(model="some/model"))
    assert hub.asked == ["cache"]


def test_size_and_license_are_said_before_a_download(hub: _Hub) -> None:
    told: list[str] = []
    task = run(evalkit.COMET(model="some/model"), download=True, notify=told.append)
    assert told == ["downloading some/model: 3.00 GB, license cc-by-nc-4.0"]
    assert "*.bin" in hub.asked[1]
    assert "|model:some/model|" in task.metrics[0].signature
    assert f"|fingerprint:commit:{'0' * 40}+sha256:" in task.metrics[0].signature


def test_a_hub_out_of_reach_is_one_sentence_and_the_cache_is_enough(hub: _Hub) -> None:
    hub.reachable = False
    with pytest.raises(InputError, match="some/model: cannot be downloaded: no route to host") as caught:
        run(evalkit.COMET(model="some/model"), download=True)
    assert "\n" not in str(caught.value)
    hub.cached = True  # type: ignore[attr-defined]
    told: list[str] = []
    run(evalkit.COMET(model="some/model"), download=True, notify=told.append)
    assert "the model in the cache is used" in told[0]
    run(evalkit.COMET(model="some/model"))
