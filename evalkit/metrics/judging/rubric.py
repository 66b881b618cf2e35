"""Rubrics: the instructions to a judge, and the format of its reply as a JSON schema.

The bundled rubrics are in ``rubrics/``. A custom rubric is a YAML file::

    question: How fluent is the translation?
    scale: [1, 5]                 # worst, best: [5, 1] if lower is better
    decimals: false               # true to allow numbers between the whole ones
    anchors:
      1: not understandable
      3: understandable, with errors
      5: flawless
    examples:                     # optional
      - {source: 你好, output: Hello, score: 5, reason: Correct and natural.}
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any

import msgspec

from evalkit.errors import InputError, SettingError
from evalkit.metrics.judging.replies import plain_number, reply_type
from evalkit.reading import read_file
from evalkit.yaml_file import parse_yaml

BUNDLED = ("mqm", "esa", "keyfacts", "faithfulness")
LARGEST_FILE = 1 << 20


@dataclass(frozen=True, eq=False)
class Rubric:
    """A rubric: its instructions and the format of the reply.

    :param form: ``mqm``, ``esa``, ``keyfacts``, ``faithfulness``, ``pair`` or ``scale``: how replies are read.
    :param judges: the kinds of task that it can judge.
    :param scale: worst and best score, of the form ``scale``.
    :param examples: pairs of material and reply, shown before the question.
    """

    name: str
    form: str
    version: int
    judges: frozenset[str]
    instructions: str
    reply: Mapping[str, Any]
    scale: tuple[float, float] | None = None
    examples: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = field(default=())

    @property
    def schema(self) -> dict[str, Any]:
        """JSON schema of a reply."""
        return _schema(self.reply)

    @cached_property
    def reply_type(self) -> Any:
        """The type of a reply, for :func:`evalkit.metrics.judging.replies.parse_reply`."""
        return reply_type(self.schema)


@lru_cache
def bundled(name: str) -> Rubric:
    """Load a bundled rubric."""
    import yaml

    text = (Path(__file__).parent / "rubrics" / f"{name}.yaml").read_text(encoding="utf-8")
    record = yaml.safe_load(text)
    return Rubric(
        name, name, record["version"], frozenset(record["judges"]), record["instructions"].strip(), record["reply"]
    )


def load_rubric(name: str) -> Rubric:
    """Load a bundled rubric by its name, or a custom one by the path of its file."""
    if name in BUNDLED:
        return bundled(name)
    path = Path(name)
    if not path.is_file():
        raise SettingError(f"Judge: rubric={name} is neither one of {', '.join(BUNDLED)} nor the path of a YAML file")
    if path.stem in BUNDLED or not re.fullmatch(r"[\w.+-]+", path.stem):
        raise SettingError(
            f"{path}: rename the rubric; its name is part of signatures, so it may only have letters, digits and . _ + -, "
            f"and must not be one of {', '.join(BUNDLED)}"
        )
    return _own(path)


class _Example(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    output: str
    score: float
    reason: str


class _Own(msgspec.Struct, forbid_unknown_fields=True):
    """The content of a user's rubric file."""

    question: Annotated[str, msgspec.Meta(pattern=r"\S")]
    scale: tuple[float, float]
    decimals: bool = False
    anchors: dict[float, Annotated[str, msgspec.Meta(pattern=r"\S")]] = {}
    examples: list[_Example] = []

    def __post_init__(self) -> None:
        low, high = sorted(self.scale)
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError("scale must be two different numbers, worst and best, such as [1, 5]")
        if not self.decimals and not (low.is_integer() and high.is_integer()):
            raise ValueError(f"scale {low:g} to {high:g} has no whole numbers at its ends; set decimals: true")
        for at in (*self.anchors, *(example.score for example in self.examples)):
            if not low <= at <= high:
                raise ValueError(f"{at:g} is not on the scale from {low:g} to {high:g}")


def _read(path: Path) -> _Own:
    try:
        record, _ = parse_yaml(read_file(path, limit=LARGEST_FILE).decode("utf-8-sig"), path)
        return msgspec.convert(record, _Own)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 (byte {error.start})") from None
    except (msgspec.ValidationError, OverflowError) as error:
        fields = ", ".join(_Own.__struct_fields__)
        raise InputError(f"{path}: {error}; a rubric has {fields}, see docs/judge.md") from None


def _own(path: Path) -> Rubric:
    own, frame = _read(path), bundled("scale")
    worst, best = own.scale
    lines = [f"- {at:g}: {own.anchors[at].strip()}" for at in sorted(own.anchors)]
    lines.append(f"The worst score is {worst:g}, the best is {best:g}.")
    number = f"{'number' if own.decimals else 'integer'} from {min(own.scale):g} to {max(own.scale):g}"
    words = {"question": own.question.strip(), "anchors": "\n".join(lines)}
    return replace(
        frame,
        name=path.stem,
        instructions=fill(frame.instructions, words),
        reply={**frame.reply, "score": number},
        scale=own.scale,
        examples=tuple(
            ({"source": e.source, "output": e.output}, {"reason": e.reason, "score": plain_number(e.score)})
            for e in own.examples
        ),
    )


def fill(text: str, words: Mapping[str, str]) -> str:
    """Replace each ``{name}`` whose name is known; leave other braces unchanged."""
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text


def _schema(form: Any) -> dict[str, Any]:
    """The form of a reply as JSON schema, in the subset that servers take in strict mode.

    A text describes a string, or a number where it begins with ``integer`` or ``number from LOW to HIGH``; a list of
    texts is a choice; a list of one mapping is an array of such objects.
    """
    if isinstance(form, str):
        kind, _, rest = form.partition(" from ")
        if kind in ("integer", "number") and " to " in rest:
            low, high = (float(end) for end in rest.split(" to "))
            return {"type": kind, "minimum": low, "maximum": high}
        return {"type": "string", "description": form}
    if isinstance(form, Sequence):
        if isinstance(form[0], Mapping):
            return {"type": "array", "items": _schema(form[0])}
        return {"type": "string", "enum": list(form)}
    return {
        "type": "object",
        "properties": {name: _schema(part) for name, part in form.items()},
        "required": list(form),
        "additionalProperties": False,
    }
