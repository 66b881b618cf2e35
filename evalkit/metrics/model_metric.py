"""Shared base of the model-based metrics: which texts are judged, how long texts are handled, what is stored."""

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import Finding, Metric, References, Runtime, Statistics, SystemStatistics, mean_score, setting
from evalkit.models.batching import Batches, choose_device
from evalkit.models.model_folder import PACKAGES, check_packages, find_model, model_errors
from evalkit.models.result_store import Item, Judgement, ResultStore
from evalkit.models.scoring_model import ScoringModel
from evalkit.printable import is_blank
from evalkit.text.sentences import sentence_spans
from evalkit.wording import count

#: The maximum number of items, and of tokens, that are computed before the results are stored.
_CHUNK_ITEMS, _CHUNK_TOKENS = 512, 65_536
_BATCH = {"cpu": 16, "cuda": 64, "mps": 32}
_LISTED = 5
#: By the setting ``long``, why texts were refused and what to do.
_REFUSED = {
    "refuse": ("the model cannot read them whole", "long=window (where the sentences are aligned) or long=truncate"),
    "window": (
        "source, output and reference do not have the same number of sentences, or one sentence is too long",
        "long=truncate",
    ),
}
#: The judgement of one window of an item, its weight, and the window.
_Part = tuple[Judgement, float, Item]


@dataclass(frozen=True)
class ModelMetric(Metric):
    """Base class of the model-based metrics, which run in the main process and score all systems together.

    The settings below are shared by all of them. Machine-specific options (device, batch size, where results are
    stored) are in :class:`evalkit.models.runtime.Runtime`.
    """

    where = "main"
    columns: ClassVar[tuple[str, ...]] = ("sum", "count")
    #: The score of an empty output, by a lowercase part of the model's name; ``""`` applies to all models.
    worst: ClassVar[Mapping[str, float]] = {}

    model: str | None = setting(doc="a model of the hub (owner/name), or a folder")
    dtype: str = setting("float32", choices=("float32", "bfloat16"), doc="precision of the model's computations")
    long: str = setting(
        "refuse",
        choices=("refuse", "window", "truncate"),
        doc="texts too long for the model: refuse them, judge aligned sentences in windows, or cut them with a note",
    )
    empty: str | None = setting(
        doc="score of an empty output: a number, or model to let the model judge it; the worst of its family if left out"
    )
    references: str = setting("mean", choices=("mean", "max"), doc="how the scores for several references are combined")
    fingerprint: str | None = setting(
        doc="commit or hash of the model; filled in when it is loaded, and checked where it is given"
    )

    def __post_init__(self) -> None:
        empty: Any = self.empty
        if isinstance(empty, int | float) and not isinstance(empty, bool):
            self._settle(empty=str(empty))
        super().__post_init__()
        if self.model is not None and not self.model.strip():
            raise SettingError(f"{self.name}: the model is empty; name a model of the hub or a folder")
        if self.empty not in (None, "model"):
            try:
                value = float(str(self.empty))
            except ValueError:
                value = math.nan
            if not math.isfinite(value):
                raise SettingError(f"{self.name}: empty={self.empty} is neither a number nor model")
            self._settle(empty=str(int(value) if value.is_integer() else value))

    @abstractmethod
    def _load(self, runtime: Runtime, device: Any, references: References) -> ScoringModel:
        """Load the model onto a device."""

    def _finding(self, span: tuple[int, int, str, float], text: str) -> Finding:
        """Convert an error span of an output into a finding."""
        start, end, label, confidence = span
        return Finding(
            f"{label}-error",
            "warning" if label == "minor" else "error",
            f"{label} error: “{text[start:end]}” (confidence {confidence:.2f})",
            output_span=(start, end),
            key=text[start:end],
        )

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Mean over the segments: float64[..., 2] to float64[...]."""
        return mean_score(statistics)

    def _statistics(self, hypotheses: Sequence[str], prepared: Any) -> Statistics:
        return self.statistics_of({"the outputs": hypotheses}, prepared, Runtime())["the outputs"].rows

    def _signed(self) -> dict[str, Any]:
        """The settings, with the name of the model but without its folder."""
        model = (self.model or "").rstrip("/").replace("\\", "/")
        if model.startswith(("/", ".", "~")) or model.count("/") > 1:
            model = model.rsplit("/", 1)[-1]
        return {**super()._signed(), "model": model or None}

    def statistics_key(self) -> str:
        """The signature with the model's folder and without settings that only affect how rows are read."""
        return f"{super().statistics_key()}|{self.model}"

    def observed(self, runtime: Runtime) -> Metric:
        """The metric with the fingerprint of the model used, and the score of an empty output."""
        noted = runtime.record.get(str(self), {})
        return replace(self, **{key: noted[key] for key in ("fingerprint", "empty") if noted.get(key) is not None})

    def check_ready(self, runtime: Runtime | None) -> None:
        """Check that the packages are installed and the model is on this machine, unless it may be downloaded."""
        check_packages(self.name)
        if runtime is not None and self.model is not None and not runtime.download:
            find_model(self.model, replace(runtime, notify=None))

    def statistics_of(
        self, outputs: Mapping[str, Sequence[str]], references: References, runtime: Runtime
    ) -> Mapping[str, SystemStatistics]:
        """Judge the outputs of all systems.

        :raises SettingError: if packages, sources, references or the score of an empty output are missing, or a text is too
            long.
        :raises InputError: if the model cannot be found or loaded, or returns a value that is not a number.
        """
        check_packages(self.name)
        if self.model is None:
            raise SettingError(f"{self.name}: choose a model")
        device = choose_device(runtime.device)
        model = self._load(runtime, device, references)
        if self.fingerprint is not None and self.fingerprint != model.fingerprint:
            raise InputError(
                f"{self.name}: the model {self.model} has the fingerprint {model.fingerprint}, not {self.fingerprint}; it is "
                "another model, or it was changed"
            )
        batches = Batches(runtime.batch_size or _BATCH.get(device.type, 16))
        noted = runtime.record.setdefault(str(self), {})
        noted.update(fingerprint=model.fingerprint, device=str(device))
        noted.update({package: version(package) for package in PACKAGES})
        statistics = _Judging(self, model, outputs, references, runtime, noted).judge(batches)
        noted["batch_size"] = batches.size
        return statistics


@dataclass(eq=False)
class _Judging:
    """Judges all outputs of a task with one model."""

    metric: ModelMetric
    model: ScoringModel
    outputs: Mapping[str, Sequence[str]]
    references: References
    runtime: Runtime
    noted: dict[str, Any]

    def judge(self, batches: Batches) -> dict[str, SystemStatistics]:
        # Checked first, so that nothing is computed if the model is not available.
        blank = any(self._is_empty(text) for texts in self.outputs.values() for text in texts)
        empty = self._empty_score() if blank else math.nan
        pieces = self._pieces()
        judged = self._judged(list(dict.fromkeys(item for parts in pieces.values() for item, _ in parts)), batches)
        statistics: dict[str, SystemStatistics] = {}
        for system, texts in self.outputs.items():
            rows = np.full((len(texts), len(self.metric.columns)), empty)
            rows[:, -1] = 1.0
            findings: dict[int, tuple[Finding, ...]] = {}
            for i, text in enumerate(texts):
                if not self._is_empty(text):
                    judgements = [
                        [(judged[part.key], weight, part) for part, weight in pieces[item]]
                        for item in self._items(i, text)
                    ]
                    rows[i, :-1] = self._row(judgements)
                    if marked := self._findings(text, judgements[0]):
                        findings[i] = marked
            statistics[system] = SystemStatistics(rows, {}, findings)
        if blank:
            self._note_worse_than_empty(empty, statistics)
        return statistics

    def _row(self, judgements: Sequence[Sequence[_Part]]) -> NDArray[np.float64]:
        """The row of a segment without the count: over its windows, then over its references."""
        k = len(self.metric.columns) - 1
        values = np.stack([sum((np.array(j.values[:k]) * w for j, w, _ in parts), np.zeros(k)) for parts in judgements])
        best = np.max if self.metric.higher_is_better else np.min
        return np.asarray((np.mean if self.metric.references == "mean" else best)(values, axis=0), dtype=np.float64)

    def _findings(self, text: str, parts: Sequence[_Part]) -> tuple[Finding, ...]:
        """The findings of the windows of an output."""
        findings = []
        start = 0
        for judgement, _, part in parts:
            start = max(text.find(part.output, start), 0)
            for a, b, label, confidence in judgement.spans:
                findings.append(self.metric._finding((start + a, start + b, label, confidence), text))
            start += len(part.output)
        return tuple(findings)

    def _note_worse_than_empty(self, empty: float, statistics: Mapping[str, SystemStatistics]) -> None:
        sign = 1 if self.metric.higher_is_better else -1
        worst = self.metric.score(np.array([*[empty] * (len(self.metric.columns) - 1), 1.0]))
        rows = np.concatenate([of_system.rows for of_system in statistics.values()])
        if worse := int((sign * self.metric.score(rows) < sign * worst).sum()):
            self.runtime.tell(
                f"{self.metric.name}: {count(worse, 'output')} with a worse score than an empty one, which gets {empty:g}; "
                "choose a worse score with empty="
            )

    def _is_empty(self, text: str) -> bool:
        return is_blank(text) and self.metric.empty != "model"

    def _empty_score(self) -> float:
        metric = self.metric
        name = (metric.model or "").lower()
        by_family = next((score for family, score in metric.worst.items() if family in name), None)
        value = by_family if metric.empty is None else float(metric.empty)
        if value is None:
            raise SettingError(
                f"{metric.name}: an output is empty, and the worst score of {metric.model} is not known; choose it with "
                "empty=0 (a number), or empty=model to let the model judge an empty text"
            )
        self.noted["empty"] = f"{value:g}" if metric.empty is None else metric.empty
        return value

    def _items(self, i: int, text: str) -> list[Item]:
        """One item per reference, or a single item if the model does not use references."""
        metric, segments, sources = self.metric, self.model.segments, self.references.sources
        if "src" in segments and sources is None:
            raise SettingError(f"{metric.name}: {metric.model} needs sources, which are not given")
        source = sources[i] if sources and "src" in segments else ""
        references = self.references.texts[i] if "ref" in segments else ("",)
        for segment, name, texts in (("src", "source", (source,)), ("ref", "reference", references)):
            if segment in segments and (not texts or any(map(is_blank, texts))):
                raise SettingError(
                    f"{metric.name}: {metric.model} reads a {name}, and segment {self._id(i)} has none, or a blank one; leave "
                    "the segment out"
                )
        return [Item(source, text, reference) for reference in references]

    def _id(self, i: int) -> str:
        return repr(self.references.ids[i]) if self.references.ids else str(i + 1)

    def _pieces(self) -> dict[Item, tuple[tuple[Item, float], ...]]:
        """Maps every item to the pieces that are judged for it, with their weights, in segment order."""
        metric = self.metric
        self._note_references()
        items: dict[Item, str] = {}
        for i in range(len(self.references)):
            for system, texts in self.outputs.items():
                if not self._is_empty(texts[i]):
                    place = f"segment {self._id(i)}" + (f" of {system}" if system else "")
                    for item in self._items(i, texts[i]):
                        items.setdefault(item, place)
        self.model.prepare(list(items))
        pieces: dict[Item, tuple[tuple[Item, float], ...]] = {}
        refused: list[str] = []
        cut: list[str] = []
        for item, place in items.items():
            over = self.model.too_long(item)
            windows = self._windows(item) if over and metric.long == "window" else ()
            pieces[item] = windows or ((item, 1.0),)
            if over and not windows:
                where = f"{place}: {over[0]:,} tokens, limit {over[1]:,}"
                (cut if metric.long == "truncate" else refused).append(where)
        if refused:
            why, ways = _REFUSED[metric.long]
            raise SettingError(
                f"{metric.name}: {count(len(refused), 'text')} too long ({_some(refused)}): {why}; use a model that reads more, "
                f"or {ways}"
            )
        if cut:
            self.noted.setdefault("truncated", []).extend(cut)
            self.runtime.tell(f"{metric.name}: {count(len(cut), 'text')} cut: {_some(cut)}")
        return pieces

    def _note_references(self) -> None:
        counts = sorted({len(texts) for texts in self.references.texts})
        if "ref" in self.model.segments and len(counts) > 1:
            self.noted["references_per_segment"] = counts
            self.runtime.tell(
                f"{self.metric.name}: the segments have {counts[0]} to {counts[-1]} references; the "
                f"{self.metric.references} over them is taken for each"
            )

    def _windows(self, item: Item) -> tuple[tuple[Item, float], ...]:
        """Aligned groups of sentences that fit, weighted by source (or reference) length; empty if there are none."""
        side, segments = self.references, self.model.segments
        langs = {"mt": side.lang, "src": side.source_lang or "en", "ref": side.lang}
        columns = {segment: _sentences(item.text(segment), langs[segment]) for segment in segments}
        n = len(columns["mt"])
        if any(len(sentences) != n for sentences in columns.values()):
            return ()

        def window(start: int, stop: int) -> Item:
            texts = {segment: "".join(sentences[start:stop]) for segment, sentences in columns.items()}
            return Item(texts.get("src", ""), texts["mt"], texts.get("ref", ""))

        windows: list[Item] = []
        start = 0
        while start < n:
            stop = start
            while stop < n and not self.model.too_long(window(start, stop + 1)):
                stop += 1
            if stop == start:
                return ()
            windows.append(window(start, stop))
            start = stop
        weights = [float(len(item.source or item.reference)) for item in windows]
        return tuple((item, weight / sum(weights)) for item, weight in zip(windows, weights, strict=True))

    def _judged(self, items: Sequence[Item], batches: Batches) -> Mapping[str, Judgement]:
        """The judgment of every item by its key, from the store or the model."""
        metric = self.metric
        store = ResultStore.open(self.runtime.store, metric.name, self._what_decides())
        missing = [item for item in items if item.key not in store.known]
        done = len(items) - len(missing)
        self.noted["judged_now"], self.noted["from_store"] = len(missing), done
        for chunk in self._chunks(missing):
            with model_errors(str(metric.model), f"a model that {metric.name} can use"):
                judgements = dict(zip(chunk, map(_rounded, self.model.judge(chunk, batches)), strict=True))
            bad = [item for item, judgement in judgements.items() if not all(map(math.isfinite, judgement.values))]
            store.add((item.key, judgement) for item, judgement in judgements.items() if item not in bad)
            if bad:
                raise InputError(
                    f"{metric.name}: the model {metric.model} gives no number for the output {bad[0].output[:80]!r}; "
                    "its weights may be damaged, or too small a dtype"
                )
            done += len(chunk)
            if self.runtime.progress:
                self.runtime.progress(done, len(items), metric.name)
        return store.known

    def _what_decides(self) -> str:
        """Everything that a judgment depends on, except its texts."""
        settings = self.metric.settings()
        for key in ("model", "long", "empty", "references", "fingerprint", *self.metric.reading):
            settings.pop(key, None)
        parts = (f"v:{self.metric.version}", self.model.fingerprint, settings, self.model.depends_on)
        return "|".join(map(str, (self.metric.name, *parts)))

    def _chunks(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        chunk: list[Item] = []
        tokens = 0
        for item in items:
            chunk.append(item)
            tokens += sum(self.model.counts(item))
            if len(chunk) >= _CHUNK_ITEMS or tokens >= _CHUNK_TOKENS:
                yield chunk
                chunk, tokens = [], 0
        if chunk:
            yield chunk


def _rounded(judgement: Judgement) -> Judgement:
    return replace(judgement, values=tuple(round(float(value), 6) for value in judgement.values))


def _sentences(text: str, lang: str) -> list[str]:
    """The sentences of a text, each with the white space that follows it."""
    starts = [start for start, _ in sentence_spans(text, lang)]
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _some(listed: Sequence[str]) -> str:
    more = f"; and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return "; ".join(listed[:_LISTED]) + more
