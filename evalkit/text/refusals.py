"""Detect refusals: outputs that explain, in Chinese or English, why there is no translation or summary.

A refusal opens with a sentence about the task ("I cannot summarize this article.") and contains few other words, so its
opening is matched against a small lexicon of both languages. An output is not a refusal if a source or reference of
similar length has the same content, because people also refuse and ask for help in dialogues; a much longer source is
not considered. The running time is linear.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from evalkit.text.scripts import WORD
from evalkit.text.word_lists import word_lists

#: The maximum length of a refusal, including its reasons.
_LONGEST = 1000
_OPENING = 300
#: How much longer a source must be for a short phrase to count as a refusal: by this factor, and by this many words.
_TIMES, _MORE = 2.5, 3
#: The minimum share of letters in the opening sentence that belong to words of the lexicon.
_COVERED = 0.8
#: The minimum share where the output is shorter than source and reference, apologizes, or names the task.
_PARTLY_COVERED, _SHORTER = 0.65, 1.3

_WORDS_OF = word_lists("refusals")
_TASK: dict[str, str] = _WORDS_OF["task"]
#: Complete outputs that count as refusals only if the source is much longer.
_WEAK = (
    r"n/?a|none|null|nil|nan|undefined|unknown|error|no|sorry|not applicable|i have no idea|i (?:do not|don[’']?t) know|"
    r"i (?:can ?not|can[’']?t|refuse|won[’']?t)(?: do (?:that|this|it))?|"
    r"无|空|暂无|没有|我?不知道|我?不清楚|未知|抱歉|对不起|错误|失败|我不会|拒绝"
)
_WHOLE = re.compile(rf"[\W_]*(?:{_WEAK})[\W_]*", re.IGNORECASE)

#: Task-related classes that are rare in dialogues and news; the others also require an apology, an error or an "I".
_PLAIN = frozenset({"translate", "summarize", "text", "request", "machine"})
_ROLES = {**_TASK, **_WORDS_OF["others"]}
_ROLE_OF = {word: role for role, words in reversed(_ROLES.items()) for word in words.split()}
_CHINESE = sorted((word for word in _ROLE_OF if not word.isascii()), key=len, reverse=True)
_WORDS = re.compile(f"[A-Za-z]+|{'|'.join(_CHINESE)}")
_SENTENCE = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]?")
_FIRST_PERSON = re.compile(r"\b(?:I|We)\b|我")
#: Whose refusal a text reports.
_THIRD_PERSON = re.compile(
    r"(?i)\b(?:he|she|his|her|said|told|officials?|police|court|minister|government)\b|[他她]|法院|医生|警方|政府"
)
_LETTERS = re.compile(r"[^\W\d_]")


def is_refusal(text: str, others: Sequence[str] = ()) -> bool:
    """Whether an output refuses the task; ``others`` are the source and the references of its segment, if known."""
    if not text.strip() or len(text) > _LONGEST:
        return False
    roles = _opening_roles(text)
    weak = _WHOLE.fullmatch(text)
    if not roles and not weak:
        return False
    much_shorter = min(map(_size, others), default=0) >= _TIMES * _size(text) + _MORE
    if much_shorter or weak:
        return much_shorter
    task_roles = roles & _TASK.keys()
    other_roles = {role for other in others for role, _ in _roles(other[:_OPENING])}
    if task_roles & other_roles or ("apology" in roles and "apology" in other_roles):
        return False
    sure = roles & {"apology", "translate", "summarize"} or "partly" not in roles
    shorter = min(map(_size, others), default=0) >= _SHORTER * _size(text)
    if not sure and not ("first person" in roles and shorter):
        return False
    return bool(task_roles & _PLAIN) or bool(task_roles - {"error"} and roles & {"apology", "error", "first person"})


def _size(text: str) -> float:
    """Length in English words; a Chinese character counts as 0.6 words."""
    return sum(1.0 if word.isascii() else 0.6 for word in WORD.findall(text))


# Cached, because several metrics ask for the same output.
@lru_cache(maxsize=1 << 13)
def _opening_roles(text: str) -> frozenset[str]:
    """The roles of the words in the opening of a refusal; empty if the text does not begin like a refusal."""
    opening = text.lstrip(" \t\r\n\"'“”‘’[<(（【*#>-")[:_OPENING]
    sentences = [m[0] for m in _SENTENCE.finditer(opening) if _LETTERS.search(m[0])]
    # "Sorry." and "Hello!" precede the relevant sentence.
    first = " ".join(sentences[:2]) if sentences and len(sentences[0]) < 16 else "".join(sentences[:1])
    first_roles = list(_roles(first))
    letters = len(_LETTERS.findall(first))
    known = sum(size for _, size in first_roles)
    roles = {role for role, _ in first_roles}
    if known < _PARTLY_COVERED * letters or not roles & {"turn", "apology", "error"}:
        return frozenset()
    if _FIRST_PERSON.search(first):
        roles.add("first person")
    elif _THIRD_PERSON.search(first):
        return frozenset()
    if known < _COVERED * letters:
        roles.add("partly")
    # "I'm afraid I can't do that." does not mention anything else.
    return frozenset(roles if roles & _TASK.keys() or known == letters else ())


def _roles(text: str) -> Iterator[tuple[str, int]]:
    """The role of each word of the lexicon in a text, and its number of letters."""
    for word in _WORDS.findall(text):
        if role := _role(word.lower()):
            yield role, len(word)


@lru_cache(maxsize=1 << 14)
def _role(word: str) -> str:
    """The role of a word: by exact match, or by the longest listed prefix with a star."""
    stems = (_ROLE_OF.get(f"{word[:end]}*", "") for end in range(len(word), 2, -1))
    return _ROLE_OF.get(word) or next(filter(None, stems), "")
