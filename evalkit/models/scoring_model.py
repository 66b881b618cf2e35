"""The common interface of the models behind metrics: which texts they read, how long these may be, and what they judge."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

from evalkit.models.batching import Batches
from evalkit.models.model_folder import find_model
from evalkit.models.result_store import Item, Judgement
from evalkit.models.runtime import Runtime
from evalkit.models.text_encoder import Tokens


@dataclass(eq=False, kw_only=True)
class ScoringModel(ABC):
    """A model in memory that judges items.

    :param fingerprint: identifies the model.
    :param network: the transformer, on ``device``.
    :param limit: the maximum number of tokens of one text.
    :param segments: the texts that the model reads: ``mt`` (the output), ``src``, ``ref``.
    :param depends_on: what its judgements depend on besides the model, the settings and the texts.
    """

    fingerprint: str
    network: Any
    tokens: Tokens
    device: Any
    limit: int = 0
    segments: tuple[str, ...] = ()
    depends_on: str = ""

    def texts(self, item: Item) -> Sequence[Any]:
        """The texts of an item, or pairs of them, as the tokenizer gets them."""
        return [item.text(segment) for segment in self.segments]

    @abstractmethod
    def _judge(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        """Judge items whose texts were tokenized; a text that is too long is cut as the reference implementation does."""

    def judge(self, items: Sequence[Item], batches: Batches) -> list[Judgement]:
        """Judge items, each distinct text once."""
        import torch

        self.prepare(items)
        with torch.inference_mode(), _full_precision(self.device.type):
            return self._judge(items, batches)

    def embedded(
        self, items: Sequence[Item], batches: Batches, embed: Callable[[list[list[int]]], Sequence[Any]]
    ) -> dict[str, Any]:
        """What ``embed`` computes from the token ids of each distinct text."""
        texts = list(dict.fromkeys(text for item in items for text in self.texts(item)))
        return dict(zip(texts, batches.run([self.tokens.cut(text, self.limit) for text in texts], embed), strict=True))

    def prepare(self, items: Sequence[Item]) -> None:
        """Tokenize the texts of many items at once."""
        self.tokens.prepare([text for item in items for text in self.texts(item)])

    def counts(self, item: Item) -> list[int]:
        """The number of tokens of each text of an item, including those that the tokenizer adds."""
        return [len(self.tokens.ids(text)) for text in self.texts(item)]

    def too_long(self, item: Item) -> tuple[int, int] | None:
        """The number of tokens of the longest text and the limit, or None if the text fits."""
        longest = max(self.counts(item), default=0)
        return (longest, self.limit) if longest > self.limit else None


@contextmanager
def _full_precision(device_type: str) -> Iterator[None]:
    """Switch off what a program that trains switches on for speed, TF32 and autocast: it changes scores in float32."""
    import torch

    cuda, mkldnn = torch.backends.cuda.matmul, getattr(torch.backends.mkldnn, "matmul", None)
    # torch 2.9 renamed the switch and refuses to read the old one after the new one was set.
    name, value = ("fp32_precision", "ieee") if hasattr(cuda, "fp32_precision") else ("allow_tf32", False)
    switches = [switch for switch in (cuda, mkldnn) if hasattr(switch, name)]
    before = [getattr(switch, name) for switch in switches]
    try:
        for switch in switches:
            setattr(switch, name, value)
        with torch.autocast(device_type, enabled=False) if device_type in ("cpu", "cuda") else nullcontext():
            yield
    finally:
        for switch, setting in zip(switches, before, strict=True):
            setattr(switch, name, setting)


Model = TypeVar("Model", bound=ScoringModel)
_LOADED: dict[tuple[str, ...], Any] = {}


def load_once(name: str, runtime: Runtime, load: Callable[..., Model], *settings: object) -> Model:
    """A loaded model, kept for the next task; at most two are kept, and the least recently used one is dropped.

    :param settings: what the loaded model depends on besides its folder, such as the device.
    """
    folder = find_model(name, runtime)
    key = (load.__module__, name, folder.fingerprint, *map(str, settings))
    model: Model | None = _LOADED.pop(key, None)
    while model is None and len(_LOADED) >= 2:
        del _LOADED[next(iter(_LOADED))]
    _LOADED[key] = model = load(folder, runtime, *settings) if model is None else model
    model.tokens.forget()
    return model
