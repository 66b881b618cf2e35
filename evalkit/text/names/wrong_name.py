"""A wrong name in an output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WrongName:
    """A name in an output that does not occur in its source, or a statement that the source does not make.

    :param why: ``added`` (not in the source), ``altered`` (similar to ``meant``), ``title`` (the source gives this
        person another title or role), ``attributed`` (the source says the same about ``meant``, or about somebody whose
        name is not recognized) or ``negated`` (the source says the opposite).
    :param kind: ``person``, ``organisation``, ``place`` or, if negated, ``statement``.
    :param meant: the name or sentence in the source, or empty.
    :param sure: whether the evidence is strong enough for an error; otherwise, it is a warning.
    :param form: the name as written in the output.
    """

    start: int
    end: int
    why: str
    kind: str
    meant: str = ""
    sure: bool = True
    form: str = ""
