"""Ordered lists of rules that read one kind of expression at a position of a text.

A list is a table of ``zh.toml`` or ``en.toml``. Each rule has a name, a regular expression that is matched at the start of a
number or word, an action, and optionally an expression for the text directly before. The first rule that matches and whose
action returns true is applied. All expressions of a list are compiled into one, so a single match usually finds the rule. If
its action returns false, the later rules are tried one by one; rules whose actions often return false should therefore come
last.

In an expression, ``{name}`` inserts an expression of the table ``macros`` or any word of a word list; ``{<name}`` matches
directly after one of the words, and ``{<name }`` after one and a space. A group ``from`` in a lookbehind, or in the
expression for the text before, marks the start of the quantity. A row whose name begins with ``if_`` is no rule but a
condition: an expression that has to match before any of the rules after it, up to the next condition, is tried. It saves time
if most numbers fail it, and has to read a bounded number of characters (``{1,60}``, not ``+``), so that the time stays linear
in the text.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

_MACRO = re.compile(r"\{(<?)([a-z_]+)( ?)\}")
#: the maximum length of a match of the expression for the text before
_LONGEST_BEFORE = 60
#: the start of a group, and that of a group or of a reference to one
_GROUP, _NAME = re.compile(r"\(\?P<[a-z]\w*>"), re.compile(r"\(\?P[<=][a-z]\w*")


class RuleMatch(NamedTuple):
    """The match of a rule, from ``start`` to ``end``; ``groups`` has the spans of the groups that matched."""

    start: int
    end: int
    text: str
    groups: Mapping[str, tuple[int, int]]

    def get(self, group: str) -> str:
        """Return the text of a group, or an empty string if it did not match."""
        start, end = self.groups.get(group, (0, 0))
        return self.text[start:end]


Action = Callable[[Any, RuleMatch], bool]
#: name of a macro to an expression or to words
Macros = Mapping[str, str | Iterable[str]]


def trie(words: Iterable[str]) -> str:
    """Return an expression that matches any of the words in linear time, preferring longer ones."""
    root: dict[str, Any] = {}
    for word in words:
        node = root
        for c in word:
            node = node.setdefault(c, {})
        node[""] = {}
    return _branch(root)


def _branch(node: dict[str, Any]) -> str:
    branches = [re.escape(c) + _branch(node[c]) for c in sorted(node) if c]
    if not branches:
        return ""
    text = branches[0] if len(branches) == 1 and "" not in node else f"(?:{'|'.join(branches)})"
    return f"{text}?" if "" in node else text


def expand(pattern: str, macros: Macros) -> str:
    """Replace ``{name}`` and ``{<name}`` in an expression."""

    def replacement(match: re.Match[str]) -> str:
        macro = macros[match[2]]
        if match[1]:
            words = sorted((f"{word}{match[3]}" for word in macro), key=len)
            ends = (re.escape("".join(sorted({word[i] for word in words}))) for i in range(-min(2, len(words[0])), 0))
            before = "|".join(f"(?<={trie(group)})" for _, group in groupby(words, len))
            return f"(?<=[{']['.join(ends)}])(?:{before})"  # the first lookbehind saves time
        return f"(?:{expand(macro, macros) if isinstance(macro, str) else trie(macro)})"

    return _MACRO.sub(replacement, pattern)


class Rules:
    """A compiled list of rules.

    :param rows: rule name to an expression, or to a list of expression, action and optionally the expression for the text
        before. Without an action, the rule name is the action.
    :param action: returns the function for an action; the function takes the scanner and the match.
    """

    def __init__(self, rows: Mapping[str, Any], macros: Macros, action: Callable[[str], Action]) -> None:
        self._rules: list[tuple[str, Action, str]] = []
        blocks: list[tuple[str, list[str]]] = [("", [])]
        for name, row in rows.items():
            if name.startswith("if_"):
                blocks.append((f"(?={expand(row, macros)})", []))
                continue
            pattern, step, before, *_ = [row, name, ""] if isinstance(row, str) else [*row, ""]
            pattern, number = expand(pattern, macros), len(self._rules)
            before = f"(?:{expand(before, macros)})$" if before else ""
            self._rules.append((f"{blocks[-1][0]}(?:{pattern})", action(step), before))
            # A match with few groups is faster. The empty group after each rule tells which rule matched.
            named = "(?P=" in pattern
            pattern = _NAME.sub(rf"\g<0>__{number}", pattern) if named else _GROUP.sub("(?:", pattern)
            blocks[-1][1].append(f"(?:{pattern})(?P<_{number}>)")
        self._any = re.compile("|".join(f"{condition}(?:{'|'.join(block)})" for condition, block in blocks if block))

    def apply(self, scan: object, text: str, at: int, stop: int = sys.maxsize) -> bool:
        """Whether a rule accepts the text at this position; no expression reads beyond ``stop``."""
        match = self._any.match(text, at, stop)
        if match is None or match.lastgroup is None:
            return False
        for pattern, action, before in self._rules[int(match.lastgroup[1:]) :]:
            compiled, groups = _compiled(pattern)
            if (match := compiled.match(text, at, stop)) is None:
                continue
            spans = {name: span for name, number in groups if (span := match.regs[number])[0] >= 0}
            start, end = match.regs[0]
            if before:
                compiled, groups = _compiled(before)
                if (match := compiled.search(text, max(0, start - _LONGEST_BEFORE), start)) is None:
                    continue
                spans |= {name: span for name, number in groups if (span := match.regs[number])[0] >= 0}
            if "from" in spans:
                start = spans["from"][0]
            if action(scan, RuleMatch(start, end, text, spans)):
                return True
        return False


@cache
def _compiled(pattern: str) -> tuple[re.Pattern[str], list[tuple[str, int]]]:
    """Return a compiled expression, and the names and numbers of its groups."""
    compiled = re.compile(pattern)
    return compiled, [(name.rstrip("_"), number) for name, number in compiled.groupindex.items()]
