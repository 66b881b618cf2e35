"""Check whether an output is complete and well-formed, in linear time, based on characters and punctuation only.

The references and the source of the same segment determine what is normal: a headline needs no final period, a poem may
repeat a line, a list of names may stay in Latin letters. A check fails only if the output does something that neither
the source nor any reference does.
"""

import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import eq

from evalkit.printable import is_blank
from evalkit.text.languages import language
from evalkit.text.normalize import fold_width
from evalkit.text.refusals import is_refusal
from evalkit.text.scripts import HAN, WORD, by_script, script_of, script_share
from evalkit.text.sentences import sentence_spans
from evalkit.text.word_lists import word_lists
from evalkit.wording import count

#: The checks, in the order in which problems are reported.
CHECKS = (
    *("empty", "refusal", "wrong-language", "source-copied", "untranslated"),
    *("prompt-residue", "cut-off", "repetition", "length", "unbalanced"),
)

#: An output may be longer than the longest reference, or shorter than the shortest, by this factor plus ``SLACK``
#: characters. In the public test sets, the references of one segment differ by a factor of up to 3.
FACTOR = {"translation": 3.0, "summary": 2.0}
SLACK = 10


@dataclass(frozen=True)
class Problem:
    """One problem of a text.

    :param check: one of :data:`CHECKS`.
    :param message: a sentence for the user.
    :param span: half-open character span in the text, if the problem has a position.
    :param severity: ``error``, or ``warning`` for problems that may be correct in a segment of a longer text.
    """

    check: str
    message: str
    span: tuple[int, int] | None = None
    severity: str = "error"


class Expected:
    """What is normal for the outputs of one segment, by its source and references.

    :param lang: language of outputs and references.
    :param references: one or more; without any, every length is accepted.
    :param source: the source text, if known.
    :param kind: ``translation`` or ``summary``.
    """

    def __init__(
        self,
        lang: str,
        references: Sequence[str],
        source: str | None = None,
        source_lang: str | None = None,
        kind: str = "translation",
    ) -> None:
        self.lang = language(lang)
        self.source_lang = language(source_lang) if source_lang else None
        self.kind = kind
        # An article does not show what its summary should look like.
        models = [*references, *([source] if source and kind == "translation" else [])]
        sizes = [len(text.strip()) for text in references]
        self.shortest, self.longest = min(sizes, default=0), max(sizes, default=sys.maxsize)
        self.others = (*references, *([source] if source else []))
        self.may_be_blank = any(map(is_blank, references))
        self.has_content = all(_WORD_CHARACTER.search(text) for text in references)
        self.script_share = min((script_share(text, self.lang) for text in references), default=1.0)
        self.ends = all(map(_is_whole, models))
        self.repeats = any(map(_is_repetitive, models))
        self.duplicates = max((_duplicates([w for w, _, _ in _tokens(text)]) for text in models), default=0.0)
        self.balanced = frozenset(name for name, odd in _BALANCE.items() if not any(map(odd, models)))
        self.residue = _residue_of(self.others)
        self.source_size = len(_tokens(source or ""))
        self.source_grams = frozenset(gram for _, gram in _copy_grams(source or ""))
        self.copied = max((_copied(text, self.source_grams) for text in references), default=0.0)
        self.foreign = frozenset(run for text in references for run, _, _ in _foreign_runs(text, self.lang))


def _is_repetitive(text: str) -> bool:
    lang = "zh" if script_share(text, "zh") > 0.5 else "en"
    return bool(_STRETCHED.search(text) or _repetition(text, lang, shortest=3))


def _residue_of(texts: Sequence[str]) -> set[str]:
    """The kinds of residue that occur in texts that are free of it, and are therefore accepted."""
    kinds = {name for name, pattern in _RESIDUE.items() if any(map(pattern.search, texts))}
    return kinds | {"an introduction"} if any(map(_LISTING.match, texts)) else kinds


def has_answer(text: str, source: str = "", lang: str = "") -> bool:
    """Whether the fact metrics can check an output: not blank, no refusal, not in the script of another language."""
    script = script_of(lang) if lang else None
    own = script is None or sum(map(len, script.findall(text))) >= _LEAST_OWN * sum(map(str.isalpha, text))
    if _WORD_CHARACTER.search(text) is None or (script is not None and not own and _has_foreign_words(text, script)):
        return False
    return not is_refusal(text, [source] if source else ())


def problems(text: str, expected: Expected) -> list[Problem]:
    """The problems of an output, in the order of :data:`CHECKS`; empty if there are none."""
    if is_blank(text) and not expected.may_be_blank:
        return [Problem("empty", "the output is empty")]
    if expected.has_content and not _WORD_CHARACTER.search(text):
        return [Problem("empty", "the output contains no words")]
    # "As an AI, I cannot judge this. Here it is: ..." continues with an answer.
    continues = len(text) > 0.7 * expected.shortest and any(_prompt_residue(text, expected))
    if not continues and is_refusal(text, expected.others):
        return [Problem("refusal", f"a refusal in place of an answer: {_short(text.strip())}", (0, len(text)))]
    results = [*_wrong_language(text, expected), *_source_copied(text, expected)]
    # Each fault is reported once: a text in the wrong language is not also reported as untranslated and too long.
    checks = (_untranslated, _prompt_residue, _cut_off, _repeated, _length, _unbalanced)
    for check in checks if not results else (_prompt_residue, _cut_off, _repeated, _unbalanced):
        results.extend(check(text, expected))
    return results


# -- words ------------------------------------------------------------------------------------------------------------

_WORD_CHARACTER = re.compile(r"[^\W_]")


# Cached, because several checks need the words of the same text.
@lru_cache(maxsize=8)
def _tokens(text: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((m[0].casefold(), m.start(), m.end()) for m in WORD.finditer(fold_width(text)))


def _grams(words: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + n]) for i in range(len(words) - n + 1))


# -- language by script -----------------------------------------------------------------------------------------------

#: The minimum number of lowercase words in another script that counts as the wrong language.
_MOST_FOREIGN = 4
#: The minimum share of letters in the script of the language in an output that can be checked.
_LEAST_OWN = 0.2


def _wrong_language(text: str, expected: Expected) -> Iterator[Problem]:
    script = script_of(expected.lang)
    share = script_share(text, expected.lang)
    if script is None or share >= 0.5 * expected.script_share:
        return
    if _has_foreign_words(text, script):
        yield Problem("wrong-language", f"{share:.0%} of the words are in the script of {expected.lang}")


def _has_foreign_words(text: str, script: re.Pattern[str]) -> bool:
    """Whether a text has many words of another script; capitalized words are ignored, because they may be names."""
    _, foreign = by_script(text, script)
    return sum(not word[0].isupper() for word in foreign) >= _MOST_FOREIGN


# -- copied and untranslated ------------------------------------------------------------------------------------------

#: The number of consecutive words (in Chinese, characters) from which on a match is a copy rather than a coincidence.
COPY_GRAM = 8


def _copied(text: str, grams: frozenset[tuple[str, ...]]) -> float:
    """Share of the text's tokens that lie in runs of ``COPY_GRAM`` or more tokens of the source."""
    covered = {k for i, gram in _copy_grams(text) if gram in grams for k in range(i, i + COPY_GRAM)}
    return len(covered) / len(_tokens(text)) if covered else 0.0


def _copy_grams(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Runs of ``COPY_GRAM`` tokens that do not consist merely of names and numbers."""
    tokens = _tokens(text)
    words = [word for word, _, _ in tokens]
    # In the original text, in which names are capitalized.
    plain = [int(not (text[start].isupper() or text[start].isdigit())) for _, start, _ in tokens]
    number = sum(plain[: COPY_GRAM - 1])
    for i, gram in enumerate(_grams(words, COPY_GRAM)):
        number += plain[i + COPY_GRAM - 1]
        if number >= 3:
            yield i, gram
        number -= plain[i]


def _source_copied(text: str, expected: Expected) -> Iterator[Problem]:
    if not expected.source_grams:
        return
    copied = _copied(text, expected.source_grams)
    if expected.kind == "summary":
        # A summary may consist of sentences of the article, but not of the whole article.
        size = len(_tokens(text)) / expected.source_size
        if copied > 0.8 and size > 0.7 and expected.longest < 0.7 * len(text):
            share = f"{copied:.0%} of the output is copied from the source"
            yield Problem("source-copied", f"{share}, and it is {size:.0%} as long")
    elif copied > 0.5 and expected.copied < 0.25:
        yield Problem("source-copied", f"{copied:.0%} of the output is copied from the source word for word")


_HAN_RUN = re.compile(rf"[{HAN.replace('〇', '')}](?:[{HAN}0-9，、。：；！？“”《》（）·\s]*[{HAN}])?")
# Words separated by single spaces.
_LATIN_RUN = re.compile(r"(?<![A-Za-z'’])[A-Za-z][A-Za-z'’]*(?:[ ,]{1,2}[A-Za-z][A-Za-z'’]*)+")
_IN_BRACKETS = re.compile(r"[(（[【][^(（[【)）\]】]*[)）\]】]")


def _foreign_runs(text: str, lang: str) -> Iterator[tuple[str, int, int]]:
    """Runs of another script that a translation should not keep, except in brackets after its own words."""
    if lang == "zh":
        for match in _LATIN_RUN.finditer(text):
            if sum(word[0].islower() for word in match[0].split()) >= 4:
                yield match[0].casefold(), match.start(), match.end()
    elif lang not in {"ja", "ko"}:
        for match in _HAN_RUN.finditer(text):
            # Headlines use a Han character as a vertical bar.
            if match[0].strip("丨"):
                yield match[0], match.start(), match.end()


def _untranslated(text: str, expected: Expected) -> Iterator[Problem]:
    if expected.kind != "translation" or expected.source_lang == expected.lang:
        return
    if expected.lang != "zh" and expected.source_lang not in {"zh", None}:
        return
    brackets = [match.span() for match in _IN_BRACKETS.finditer(text)]
    first = _WORD_CHARACTER.search(text)
    for run, start, end in _foreign_runs(text, expected.lang):
        at = bisect_left(brackets, (start, 0)) - 1
        if at >= 0 and end <= brackets[at][1] and first and first.start() < brackets[at][0]:
            continue
        if run not in expected.foreign and not any(run in known for known in expected.foreign):
            yield Problem("untranslated", f"left untranslated: {_short(text[start:end])}", (start, end))


# -- residue of a prompt ----------------------------------------------------------------------------------------------


#: Expressions for the residue of a prompt or chat, such as words about the task, by kind; each takes linear time.
_RESIDUE = {
    kind: re.compile(f"{rows.get('before', '')}(?:{'|'.join(rows['any'])})", re.IGNORECASE)
    for kind, rows in word_lists("residue").items()
}
#: Phrases with which a text introduces its own lists, as opposed to an introduction by a model.
_LISTING = re.compile(r"\W*(?:here(?:['’]s| is| are)|below|the following|these|以下|下面)", re.IGNORECASE)


def _prompt_residue(text: str, expected: Expected) -> Iterator[Problem]:
    for name, pattern in _RESIDUE.items():
        match = None if name in expected.residue else pattern.search(text)
        if match:
            yield Problem("prompt-residue", f"{name}: {_short(match[0].strip())}", match.span())


# -- truncated outputs ------------------------------------------------------------------------------------------------

_CLOSERS = "”’」』）〉》】\"')]*_` \t\r\n\u00a0\u3000"
_TERMINAL = ".!?。！？｡…:：;；．"
_DANGLING = frozenset(
    """a an the of to in on at for with from by and or but nor that which who whose as than into its their his her our
    your this these those is are was were be been has have had will would can could should may might must not""".split()
)
_DANGLING_ZH = tuple(
    """和 与 及 或 在 把 被 将 对 向 从 由 为 以 于 而 但 并 且 以及 并且 而且 但是 因为 所以 如果 通过 根据 按照
    随着 关于""".split()
)


def _is_whole(text: str) -> bool:
    """Whether a text ends like a complete sentence."""
    body = text.rstrip(_CLOSERS)
    return body.endswith(tuple(_TERMINAL)) or text.rstrip().endswith(tuple('”」』"'))


def _cut_off(text: str, expected: Expected) -> Iterator[Problem]:
    if not expected.ends or _is_whole(text) or not text.strip():
        return
    body = text.rstrip()
    word = re.split(r"[\W\d_]", body[-60:])[-1].lower()
    tail = (max(0, len(body) - 20), len(body))
    if expected.kind == "summary":
        why = "the summary does not end with a period"
    elif expected.lang == "zh" and body.endswith(_DANGLING_ZH):
        why = "ends in the middle of a clause"
    elif expected.lang == "en" and word in _DANGLING:
        why = f"ends with “{word}”"
    elif len(body) < 0.7 * expected.shortest:
        why = f"no period at the end, and {count(len(body), 'character')} where the shortest reference has {expected.shortest}"
    else:
        return
    yield Problem("cut-off", f"cut off: {why}: …{body[tail[0] : tail[1]]}", tail)


# -- repetition -------------------------------------------------------------------------------------------------------

_LONGEST_LOOP = 24


def _loop(words: Sequence[str]) -> tuple[int, int] | None:
    """The first range of words where one word is repeated 5 times, two or three words 4 times, or more words 3 times."""
    for period in range(1, min(_LONGEST_LOOP, len(words) // 3) + 1):
        needed = period * ((5 if period == 1 else 4 if period < 4 else 3) - 1)
        same = list(map(eq, words, words[period:]))
        run = 0
        for i, again in enumerate(same if sum(same) >= needed else ()):
            run = run + 1 if again else 0
            if run >= needed:
                return i - run + 1, i + period + 1
    return None


def _duplicates(words: Sequence[str]) -> float:
    """Share of the runs of four words that occurred earlier in the text."""
    total = len(words) - 3
    return 1 - len(set(_grams(words, 4))) / total if total >= 16 else 0.0


#: Stretched words such as no-o-o, and their translations.
_STRETCHED = re.compile(r"([^\W\d_])\1{3}", re.IGNORECASE)


def _repetition(text: str, lang: str, shortest: int = 0) -> tuple[str, tuple[int, int]] | None:
    """Find words that are repeated over and over, or a sentence of at least ``shortest`` words that occurs twice."""
    tokens = _tokens(text)
    words = [word for word, _, _ in tokens]
    # Repeated digits are a long number, not a loop.
    looped = _loop(words)
    if looped and any(not word.isdigit() for word in words[slice(*looped)]):
        start, end = tokens[looped[0]][1], tokens[looped[1] - 1][2]
        return f"the same words are repeated: {_short(text[start:end])}", (start, end)
    seen: set[tuple[str, ...]] = set()
    for start, end in sentence_spans(text, lang):
        sentence = tuple(word for word, _, _ in _tokens(text[start:end]))
        if len(sentence) >= (shortest or (8 if lang == "zh" else 5)):
            if sentence in seen:
                return f"a sentence occurs twice: {_short(text[start:end])}", (start, end)
            seen.add(sentence)
    return None


def _repeated(text: str, expected: Expected) -> Iterator[Problem]:
    repetition = None if expected.repeats else _repetition(text, expected.lang)
    share = _duplicates([word for word, _, _ in _tokens(text)])
    if repetition:
        yield Problem("repetition", *repetition)
    elif not expected.repeats and share > 0.3 and share > 2 * expected.duplicates:
        yield Problem("repetition", f"{share:.0%} of the sequences of four words are repeated")


# -- length -----------------------------------------------------------------------------------------------------------


def _length(text: str, expected: Expected) -> Iterator[Problem]:
    size, factor = len(text.strip()), FACTOR[expected.kind]
    spanned = f"{expected.shortest} to {expected.longest}" if expected.shortest < expected.longest else expected.longest
    too_long = size > factor * expected.longest + SLACK
    if too_long or factor * size + SLACK < expected.shortest:
        how = "long" if too_long else "short"
        yield Problem("length", f"too {how}: {count(size, 'character')} where the references have {spanned}")


# -- quotes and brackets ----------------------------------------------------------------------------------------------

_INCHES = re.compile(r"\d[\"”]")
#: Closing parentheses without an opening one: list markers such as a) and 1), and smileys.
_LONE = re.compile(r"(?:(?:\A|[\s;,；，。])(?:\w{1,3}|[ivxIVX]{1,5})|[:;=：；]-?)\Z")


def _odd_quotes(text: str) -> bool:
    """Unpaired double quotes of any shape; 24\" may be inches."""
    return sum(map(text.count, '"“”„‟＂')) % 2 == 1 and not _INCHES.search(text)


def _uneven(opening: str, closing: str) -> Callable[[str], bool]:
    marks = re.compile(f"[{re.escape(opening + closing)}]")

    def uneven(text: str) -> bool:
        depth = 0
        for mark in marks.finditer(text):
            before = text[max(0, mark.start() - 6) : mark.start()]
            if mark[0] in opening:
                depth += before[-1:] not in set(":;：；")
            elif depth or not _LONE.search(before):
                depth -= 1
            if depth < 0:
                return True
        return depth > 0

    return uneven


_BALANCE: dict[str, Callable[[str], bool]] = {
    "quotation marks": _odd_quotes,
    "brackets": _uneven("(（", ")）"),
    "square brackets": _uneven("[【", "]】"),
    "title marks": _uneven("《〈", "》〉"),
    "corner brackets": _uneven("「『", "」』"),
}


def _unbalanced(text: str, expected: Expected) -> Iterator[Problem]:
    for name, odd in _BALANCE.items():
        if name in expected.balanced and odd(text):
            # A quotation may continue in the next segment.
            spanning = expected.kind == "translation" and name in {"quotation marks", "corner brackets"}
            yield Problem("unbalanced", f"unpaired {name}", severity="warning" if spanning else "error")


def _short(text: str, most: int = 40) -> str:
    text = " ".join(text[: 2 * most].split())
    return text if len(text) <= most else text[: most - 1] + "…"
