"""A wrong name in an output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WrongName:
    """A name in an output that does not occur in its source.

    :param why: ``added`` (not in the source), ``altered`` (similar to ``meant``) or ``title`` (the source gives this
        person another title).
    :param kind: ``person``, ``organisation`` or ``place``.
    :param meant: the name in the source, or empty.
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
