"""Entailment and MetricX on tiny random models, against plain computations with transformers."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import evalkit
from evalkit.data.benchmark import Benchmark
from evalkit.errors import InputError, SettingError
from evalkit.text.sentences import sentences

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("safetensors")

from tests.models import tiny  # noqa: E402
from tests.models.test_neural import BENCH, EQUAL, ROWS, run, scores  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
LABELS = {0: "entailment", 1: "neutral", 2: "contradiction"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One model of each kind."""
    place = tmp_path_factory.mktemp("inference")
    tiny.encoder(place / "nli", "bert", id2label=LABELS, label2id={v: k for k, v in LABELS.items()})
    tiny.encoder(place / "nli-xlmr", "xlm-roberta", id2label=LABELS, label2id={v: k for k, v in LABELS.items()})
    tiny.metricx(place / "metricx")
    return place


def shares(folder: Path, premise: str, sentence: str) -> Any:
    """The probabilities of the labels, one pair at a time, as transformers gives them."""
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    # Not AutoTokenizer: the XLM-R tokenizer of transformers 5 drops the normalizer of tokenizer.json.
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    encoding = tokenizer(premise, sentence, return_tensors="pt", return_token_type_ids=folder.name == "nli")
    with torch.inference_mode():
        return model(**encoding).logits.softmax(dim=1)[0].numpy()


@pytest.mark.parametrize("name", ["nli", "nli-xlmr"])
@pytest.mark.parametrize("against", ["source", "reference"])
def test_entailment_is_the_mean_over_sentences_of_the_best_premise(name: str, against: str, folders: Path) -> None:
    folder = folders / name
    metric = evalkit.Entailment(model=str(folder), against=against)
    texts = tiny.SYSTEMS["longer"][:3]
    bench = Benchmark.from_dataset(ROWS[:3], lang="zh-en")
    expected, lowest, against_all = [], [], []
    for text, source, reference in zip(texts, tiny.SOURCES, tiny.REFERENCES, strict=False):
        premise, lang = (source, "zh") if against == "source" else (reference, "en")
        windows = sentences(premise, lang)
        windows += [premise] if len(windows) > 1 else []
        found = [[shares(folder, window, sentence) for window in windows] for sentence in sentences(text, "en")]
        best = [max(share[0] for share in row) for row in found]
        expected.append(np.mean(best))
        lowest.append(min(best))
        against_all.append([max(share[2] for share in row) for row in found])
    for batch in (1, 16):
        found_scores = scores(metric, {"o": texts}, bench, batch_size=batch)[0]
        np.testing.assert_allclose(found_scores, expected, atol=EQUAL)
    least = evalkit.Entailment(model=str(folder), against=against, aggregate="min")
    np.testing.assert_allclose(scores(least, {"o": texts}, bench)[0], lowest, atol=EQUAL)


def test_contradictions_become_findings(folders: Path) -> None:
    metric = evalkit.Entailment(model=str(folders / "nli"))
    task = run(metric)
    found = 0
    for system, by_segment in task.findings.get(str(metric), {}).items():
        for text, findings in zip(tiny.SYSTEMS[system], by_segment, strict=True):
            for finding in findings:
                assert finding.kind == "contradicted"
                assert finding.severity == "error"
                assert finding.output_span is not None
                assert text[slice(*finding.output_span)] in sentences(text, "en")
                assert finding.message.startswith("the source contradicts “")
                found += 1
    against = [
        shares(folders / "nli", s, t)[2] for s, t in zip(tiny.SOURCES[:1], tiny.SYSTEMS["other"][:1], strict=True)
    ]
    assert found or max(against) < 0.5, "no sentence is contradicted; choose another seed"


def test_a_classifier_of_something_else_is_refused(folders: Path, tmp_path: Path) -> None:
    tiny.encoder(tmp_path / "mood", "bert", id2label={0: "glad", 1: "sad"}, label2id={"glad": 0, "sad": 1})
    with pytest.raises(InputError, match="its labels are glad, sad, none of them entailment"):
        run(evalkit.Entailment(model=str(tmp_path / "mood")))
    with pytest.raises(InputError, match="not a model for natural language inference"):
        run(evalkit.Entailment(model=str(folders / "metricx")))


@pytest.mark.parametrize(
    ("name", "reference", "message"),
    [("metricx-23-qe-large-v2p0", True, "reads no reference"), ("metricx-23-xl-v2p0", False, "reads a reference")],
)
def test_the_models_of_metricx_23_read_one_form_of_input(
    name: str, reference: bool, message: str, folders: Path, tmp_path: Path
) -> None:
    (tmp_path / name).symlink_to(folders / "metricx")
    metric = evalkit.MetricX(model=str(tmp_path / name), reference=reference)
    with pytest.raises(SettingError, match=message):
        run(metric)
    assert np.isfinite(scores(dataclasses.replace(metric, reference=not reference))).all()


def test_an_infinite_logit_is_no_score(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(self: Any, input_ids: Any, **inputs: Any) -> Any:
        return SimpleNamespace(logits=torch.full((len(input_ids), 1, 250112), torch.inf))

    monkeypatch.setattr(transformers.MT5ForConditionalGeneration, "forward", forward)
    with pytest.raises(InputError, match="gives no number"):
        run(evalkit.MetricX(model=str(folders / "metricx")))


@pytest.mark.parametrize("reference", [True, False])
def test_metricx_is_the_clipped_logit_of_its_token(reference: bool, folders: Path) -> None:
    model = transformers.MT5ForConditionalGeneration.from_pretrained(folders / "metricx").eval()
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folders / "metricx" / "tokenizer.json"))
    expected, raw = [], []
    for texts in tiny.SYSTEMS.values():
        for source, text, right in zip(tiny.SOURCES, texts, tiny.REFERENCES, strict=True):
            line = f"source: {source} candidate: {text}" + (f" reference: {right}" if reference else "")
            ids = torch.tensor([tokenizer(line)["input_ids"][:-1]])  # without the token that ends a text
            with torch.inference_mode():
                logits = model(input_ids=ids, decoder_input_ids=torch.tensor([[0]])).logits
            raw.append(float(logits[0, 0, 250089]))
            expected.append(min(max(raw[-1], 0.0), 25.0))
    assert len({round(value, 4) for value in expected}) > 5, raw
    metric = evalkit.MetricX(model=str(folders / "metricx"), reference=reference)
    for batch in (1, 4, 16):
        found = scores(metric, batch_size=batch)
        np.testing.assert_allclose(found.ravel(), expected, atol=EQUAL, rtol=1e-6)
    assert not metric.higher_is_better


def test_an_empty_output_costs_25_and_long_ones_are_refused(folders: Path) -> None:
    metric = evalkit.MetricX(model=str(folders / "metricx"))
    assert scores(metric, {"o": ["", *tiny.SYSTEMS["other"][1:]]})[0, 0] == 25.0
    with pytest.raises(SettingError, match="limit 1,536"):
        run(metric, {"o": ["x y " * 2000, *tiny.SYSTEMS["other"][1:]]})
    older = evalkit.MetricX(model=str(folders / "metricx"), input="23", reference=False)
    assert np.isfinite(scores(older)).all()


def test_a_model_without_the_score_token_is_refused(folders: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a MetricX model"):
        run(evalkit.MetricX(model=str(folders / "nli")))
    config = json.loads((folders / "metricx" / "config.json").read_text())
    small = {**config, "vocab_size": 200}
    model = transformers.MT5ForConditionalGeneration(transformers.MT5Config(**small))
    tiny.unigram_tokenizer(tmp_path / "small", start=False)
    model.save_pretrained(tmp_path / "small")
    with pytest.raises(InputError, match="lacks the token 250089"):
        run(evalkit.MetricX(model=str(tmp_path / "small")))


@pytest.mark.parametrize("kind", ["Entailment", "MetricX"])
def test_the_laws_hold(kind: str, folders: Path) -> None:
    metric = {
        "Entailment": evalkit.Entailment(model=str(folders / "nli")),
        "MetricX": evalkit.MetricX(model=str(folders / "metricx")),
    }[kind]
    texts = tiny.SYSTEMS["other"]
    plain = run(metric, {"o": texts})
    emptied = run(metric, {"o": ["" for _ in texts]})
    sign = 1 if metric.higher_is_better else -1
    label = str(metric)
    assert (sign * emptied.by_segment(label) <= sign * plain.by_segment(label)).all()
    np.testing.assert_array_equal(emptied.statistics[label][..., -1], plain.statistics[label][..., -1])
    low, high = metric.range
    assert ((plain.by_segment(label) >= low) & (plain.by_segment(label) <= high)).all()
    assert evalkit.parse(label) == metric
    assert BENCH.name == "tiny"
