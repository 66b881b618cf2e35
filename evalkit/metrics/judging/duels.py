"""Ask a judge which of two outputs of a source it prefers, in both orders."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import InputError, SettingError
from evalkit.metrics.base import References, Runtime
from evalkit.metrics.judging.asking import ask, model_name, session_for
from evalkit.metrics.judging.prompts import messages, prompt_digest, prompt_words
from evalkit.metrics.judging.replies import parse_reply
from evalkit.metrics.judging.rubric import bundled
from evalkit.models.chat import ChatRequest, Estimate, Question
from evalkit.printable import is_blank

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Preferences:
    """The preferences of a judge.

    :param pairs: indices of the two systems of each pair.
    :param verdicts: float64[pairs, 2, n]: 1 where the first system of the pair is preferred, 0 for equal, -1 for the
        second, nan where not judged; once with the first system shown first and once shown second.
    :param undefined: by the number of the pair and the index of the segment, the reason why it was not judged.
    :param signature: everything that the verdicts depend on, except the texts.
    :param asked: bool[pairs, n], False where the verdict needed no judge: an empty output, or equal outputs.
    """

    systems: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]
    verdicts: Floats
    undefined: Mapping[tuple[int, int], str]
    signature: str
    asked: NDArray[np.bool_]


@dataclass(eq=False)
class Duel:
    """The questions about every pair of systems and every segment; the two orders of a pair and segment are adjacent.

    An empty output loses without a question, and equal outputs tie.

    :param outputs: by system, n texts.
    :param model: ``openai:NAME``.
    :raises InputError: for fewer than two systems.
    :raises SettingError: if there are no sources.
    """

    outputs: Mapping[str, Sequence[str]]
    references: References
    model: str
    temperature: float = 0.0

    def __post_init__(self) -> None:
        model_name(self.model)
        if len(self.outputs) < 2:
            raise InputError("a duel takes at least two systems")
        if self.references.sources is None:
            raise SettingError("a duel needs sources; use a benchmark that has them")
        self.systems = tuple(self.outputs)
        self.pairs = tuple(combinations(range(len(self.systems)), 2))
        self.verdicts = np.full((len(self.pairs), 2, len(self.references)), np.nan)
        self.places: list[tuple[int, int]] = []
        self.questions = list(self._questions())

    def _questions(self) -> Iterator[Question]:
        """Yield questions about outputs that differ and are not empty; set the other verdicts."""
        rubric = bundled("pair")
        words = prompt_words(self.references)
        read = partial(parse_reply, form=rubric.reply_type)
        for p, pair in enumerate(self.pairs):
            first, second = (self.outputs[self.systems[i]] for i in pair)
            for i, source in enumerate(self.references.sources or ()):
                texts = first[i], second[i]
                has_text = [not is_blank(text) for text in texts]
                if not all(has_text) or texts[0] == texts[1]:
                    self.verdicts[p, :, i] = float(has_text[0]) - float(has_text[1])
                    continue
                self.places.append((p, i))
                for one, other in (texts, texts[::-1]):
                    prompt = messages(rubric, words, {"source": source, "first": one, "second": other})
                    yield ChatRequest(model_name(self.model), prompt, rubric.schema, self.temperature), read

    def estimate(self, runtime: Runtime) -> Estimate:
        """Estimate the effort of :meth:`ask` without making a call."""
        return session_for(runtime).estimate(self.questions)

    def ask(self, runtime: Runtime) -> Preferences:
        """Ask the judge of a run."""
        judgements = ask(
            "duel", self.model, self.outputs, self.questions, len(self.questions), runtime, f"Duel {self.model}"
        )
        undefined: dict[tuple[int, int], str] = {}
        asked = np.zeros((len(self.pairs), len(self.references)), dtype=bool)
        for k, (p, i) in enumerate(self.places):
            asked[p, i] = True
            for order, judgement in enumerate(judgements[2 * k : 2 * k + 2]):
                if judgement.reason is not None:
                    undefined.setdefault((p, i), judgement.reason)
                    continue
                verdict = {"first": 1.0, "equal": 0.0, "second": -1.0}[judgement.value["better"]]
                self.verdicts[p, order, i] = -verdict if order else verdict
        returned = "+".join(sorted({judgement.model for judgement in judgements if judgement.model}))
        parts = ["Duel", f"model:{self.model}", f"temperature:{self.temperature:g}", prompt_digest(bundled("pair"))]
        signature = "|".join([*parts, f"returned:{returned}"] if returned else parts)
        return Preferences(self.systems, self.pairs, self.verdicts, undefined, signature, asked)
