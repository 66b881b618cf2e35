"""Entailment: whether the source or the reference supports each sentence of the output, according to an NLI model.

Based on Laban et al. 2022 (SummaC, https://aclanthology.org/2022.tacl-1.10): every sentence of the output is compared
with every sentence of the premise, and the best one counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError
from evalkit.metrics.base import Finding, References, Runtime, Statistics, mean_score, setting
from evalkit.metrics.model_metric import ModelMetric
from evalkit.models.batching import Batches
from evalkit.models.model_folder import ModelFolder
from evalkit.models.result_store import Item, Judgement
from evalkit.models.scoring_model import ScoringModel, load_once
from evalkit.models.text_encoder import Tokens, pad, position_limit, pretrained
from evalkit.text.languages import language
from evalkit.text.sentences import sentence_spans

Spans = Callable[[str], Sequence[tuple[int, int]]]

#: From this probability on, and if nothing entails it with more, a sentence counts as contradicted.
CONTRADICTED = 0.5
_AGGREGATES = ("mean", "min")


@dataclass(frozen=True)
class Entailment(ModelMetric):
    """Mean over segments of the probability that a sentence of the output follows from the source or reference.

    A sentence that is contradicted by some sentence of the premise and supported by none becomes a finding. Depending
    on its model, the metric detects errors that checks of numbers and names cannot, such as negation and swapped roles.
    Omissions are not penalized.
    """

    name = "Entailment"
    summary = "whether the source or reference supports each sentence, by a model for inference (NLI)"
    range = (0.0, 1.0)
    reading = frozenset({"aggregate"})
    worst: ClassVar[Mapping[str, float]] = {"": 0.0}
    columns = (*_AGGREGATES, "count")

    model: str | None = setting(
        "MoritzLaurer/mDeBERTa-v3-base-xnli-multilingual-nli-2mil7", doc="a model of the hub, or a folder"
    )
    against: str = setting("source", choices=("source", "reference"), doc="what has to support the output")
    window: str = setting(
        "sentences", choices=("sentences", "text"), doc="compare with each sentence, or with the whole"
    )
    aggregate: str = setting("mean", choices=_AGGREGATES, doc="how the sentences of an output are combined")

    @property
    def gives_findings(self) -> bool:
        """True: contradicted sentences are findings."""
        return True

    def _load(self, runtime: Runtime, device: Any, references: References) -> ScoringModel:
        premise_lang = references.source_lang if self.against == "source" else references.lang
        spans = partial(sentence_spans, lang=language(premise_lang or "en"))
        return replace(
            load_once(str(self.model), runtime, _load_model, device, self.dtype),
            segments=("mt", "src" if self.against == "source" else "ref"),
            output_spans=partial(sentence_spans, lang=language(references.lang)),
            premise_spans=spans if self.window == "sentences" else None,
            depends_on=f"{references.lang}|{premise_lang}",  # sentences end differently
        )

    def _finding(self, span: tuple[int, int, str, float], text: str) -> Finding:
        start, end, label, confidence = span
        return Finding(
            label,
            "error",
            f"the {self.against} contradicts “{text[start:end]}” (probability {confidence:.2f})",
            output_span=(start, end),
            key=text[start:end],
        )

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """Mean over the segments: float64[..., 3] to float64[...]."""
        return mean_score(statistics, _AGGREGATES.index(self.aggregate), -1)


@dataclass(eq=False, kw_only=True)
class _EntailmentModel(ScoringModel):
    """A classifier of pairs.

    :param entails: place of the label for entailment; ``contradicts`` that for contradiction, None where there is none.
    :param types: whether the model gets the types of tokens, which distinguish the two texts of a pair.
    :param output_spans: the sentences of an output; ``premise_spans`` those of a premise, or None where it is read whole.
    """

    entails: int
    contradicts: int | None
    types: bool
    output_spans: Spans = lambda text: [(0, len(text))]
    premise_spans: Spans | None = None

    def texts(self, item: Item) -> list[tuple[str, str]]:
        return [pair for sentence in self._sentences(item) for pair in sentence]

    def _judge(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        """The mean and lowest probability that a sentence is entailed, and the contradicted spans."""
        pairs = list(dict.fromkeys(pair for item in items for pair in self.texts(item)))
        outcomes = batches.run(pairs, self._read, lambda pair: len(self.tokens.ids(pair)))
        shares = dict(zip(pairs, outcomes, strict=True))
        return [self._combine(item, shares) for item in items]

    def _combine(self, item: Item, shares: dict[tuple[str, str], tuple[float, float]]) -> Judgement:
        entailed: list[float] = []
        spans: list[tuple[int, int, str, float]] = []
        for (start, end), pairs in zip(self.output_spans(item.output), self._sentences(item), strict=True):
            best = max(shares[pair][0] for pair in pairs)
            against = max(shares[pair][1] for pair in pairs)
            entailed.append(best)
            if against >= CONTRADICTED and against > best:
                spans.append((start, end, "contradicted", round(against, 6)))
        if not entailed:
            return Judgement((0.0, 0.0))
        return Judgement((sum(entailed) / len(entailed), min(entailed)), tuple(spans))

    def _sentences(self, item: Item) -> list[list[tuple[str, str]]]:
        """The pairs of each output sentence: with each sentence of the premise, and with the whole premise if it fits."""
        premise = item.text(self.segments[1])
        windows = [premise]
        if self.premise_spans is not None:
            spans = self.premise_spans(premise)
            windows = [premise[a:b] for a, b in spans] or [premise]
            roughly = len(self.tokens.ids(premise)) + max(
                (len(self.tokens.ids(item.output[a:b])) for a, b in self.output_spans(item.output)), default=0
            )
            if len(windows) > 1 and roughly <= self.limit:
                windows.append(premise)
        return [[(window, item.output[a:b]) for window in windows] for a, b in self.output_spans(item.output)]

    def _read(self, pairs: list[tuple[str, str]]) -> list[tuple[float, float]]:
        rows = [self._cut(self.tokens.encoding(pair)) for pair in pairs]
        ids, mask = pad([row for row, _ in rows], self.tokens.pad, self.device)
        type_inputs = {"token_type_ids": pad([types for _, types in rows], 0, self.device)[0]} if self.types else {}
        shares = self.network(input_ids=ids, attention_mask=mask, **type_inputs).logits.float().softmax(dim=1).tolist()
        against = self.contradicts
        return [(share[self.entails], 0.0 if against is None else share[against]) for share in shares]

    def _cut(self, encoding: Any) -> tuple[list[int], list[int]]:
        """The ids and types of a pair whose premise is cut so that both fit; the sentence stays whole if it can."""
        ids, types = encoding.ids, encoding.type_ids
        over = len(ids) - self.limit
        if over <= 0:
            return ids, types
        end = ids.index(self.tokens.end[0], 1)
        start = max(1, end - over)
        ids, types = ids[:start] + ids[end:], types[:start] + types[end:]
        return [*ids[: self.limit - 1], ids[-1]], types[: self.limit]


def _load_model(folder: ModelFolder, runtime: Runtime, device: Any, dtype: str) -> _EntailmentModel:
    what = "a model for natural language inference"
    network, config = pretrained(folder, "AutoModelForSequenceClassification", what, device, dtype)
    places = {str(label).casefold(): int(place) for place, label in config.id2label.items()}
    entails = next((place for label, place in places.items() if label.startswith("entail")), None)
    if entails is None:
        raise InputError(f"{folder.name}: not {what}: its labels are {', '.join(places)}, none of them entailment")
    return _EntailmentModel(
        fingerprint=folder.fingerprint,
        network=network,
        tokens=Tokens.of(folder.path, config),
        entails=entails,
        contradicts=next((place for label, place in places.items() if label.startswith("contradict")), None),
        types=getattr(config, "type_vocab_size", 0) > 1,
        device=device,
        limit=position_limit(folder, config),
    )
