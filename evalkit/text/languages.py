"""Language tags (BCP 47): one parser for the command line, for Python and for files.

>>> parse_pair("zh-TW-en")
Pair(source='zh-TW', target='en')
>>> parse_pair("en")
Pair(source=None, target='en')
>>> language("yue"), language("zh-Hans"), language("eng")
('zh', 'zh', 'en')
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from evalkit.errors import SettingError, few

#: Languages that a whitespace tokenizer cannot split into words (Korean has spaces, but attaches particles to words).
UNSPACED = frozenset({"ja", "ko", "th", "lo", "km", "my", "bo", "dz"})

#: Languages that are commonly written in several scripts (ISO 15924); a tag without a script means any of them.
_SEVERAL_SCRIPTS = {
    **dict.fromkeys(("sr", "bs"), ("Latn", "Cyrl")),
    **dict.fromkeys(("kk", "uz", "az", "tk", "tg", "ug"), ("Latn", "Cyrl", "Arab")),
    **dict.fromkeys(("ku", "ms", "ha"), ("Latn", "Arab")),
    **dict.fromkeys(("ks", "sd"), ("Arab", "Deva")),
    "pa": ("Guru", "Arab"),
    "mn": ("Cyrl", "Mong"),
    "iu": ("Cans", "Latn"),
}

# Codes for "undetermined", "multiple languages", "no linguistic content" and the like.
_NO_LANGUAGE = re.compile("und|mul|zxx|mis|q[a-t][a-z]")

# Private regions (XX, ZZ) are placeholders. The second subtag of three letters is checked against the macrolanguage.
_SHAPE = re.compile(
    "(?i:[a-z]{2,3}(?:-[a-z]{3})?(?:-[a-z]{4})?(?:-(?!aa|q[m-z]|x[a-jl-z]|zz)[a-z]{2}|-[0-9]{3})?(?:-[a-z0-9]{4,8})*)"
)


#: Common languages and their scripts (ISO 15924), which are known without loading the whole registry.
_COMMON = {
    **dict.fromkeys(("en", "de", "fr", "es", "it", "pt", "cs"), "Latn"),
    **dict.fromkeys(("ru", "uk"), "Cyrl"),
    **dict(zip(("zh", "ja", "ko", "ar", "hi"), ("Hans", "Jpan", "Kore", "Arab", "Deva"), strict=True)),
}


class Pair(NamedTuple):
    """Two tags in canonical form; ``source`` is None if it is unknown."""

    source: str | None
    target: str

    @property
    def same(self) -> bool:
        """Whether both sides share a language (en-US and en, but not en-US and en-GB), as in summary tasks."""
        if self.source is None:
            return False
        if self.source in _COMMON and self.target in _COMMON:
            return self.source == self.target
        import langcodes

        source, target = (langcodes.standardize_tag(tag, macro=True).partition("-") for tag in self)
        return source[0] == target[0] and (source == target or not source[2] or not target[2])


@lru_cache(4096)
def language(code: str) -> str:
    """The base language of a tag, which decides how texts are scored: ``zh-Hans``, ``zh_CN``, ``zho`` and ``yue`` are ``zh``.

    :raises SettingError: if the value is not a language tag, or is a pair.
    """
    if code in _COMMON:
        return code
    import langcodes
    from langcodes.data_dicts import MACROLANGUAGES

    base = langcodes.Language.get(langcodes.standardize_tag(parse_tag(code), macro=True)).language or ""
    return "zh" if MACROLANGUAGES.get(base) == "zh" else base


def parse_tag(text: str) -> str:
    """Parse a single tag into canonical form."""
    pair = parse_text_language(text)
    if pair.source is not None:
        raise SettingError(f"{text!r} is a pair of languages, but only one is expected; did you mean {pair.target}?")
    return pair.target


def parse_text_language(text: str) -> Pair:
    """Parse the language of texts, given as a tag, or as a pair whose target is the language."""
    tag = _tag(str(text))
    if tag is None:
        return parse_pair(text)
    for source, target in _splits(text):
        pair = f"{target} (the language of the outputs) or {source}:{target} for the second"
        raise SettingError(f"{text!r} is one language or a pair of languages; write {tag} for the first, {pair}")
    return Pair(None, tag)


def parse_pair(text: str) -> Pair:
    """Parse ``SRC-TGT`` or ``SRC:TGT`` into source and target; a single tag is the target.

    Text with hyphens is a pair if there is exactly one way to split it into two valid tags. An uppercase region after a
    lowercase language (``pt-BR``) is always read as a region.

    :raises SettingError: for anything else; the message says what to write instead.
    """
    if isinstance(text, str) and ":" in text:
        source, _, target = text.partition(":")
        return Pair(_tag(source) or _refuse(text), _tag(target) or _refuse(text))
    source, _, target = text.partition("-") if isinstance(text, str) else ("", "", "")
    if source in _COMMON and target in _COMMON and source != target:
        return Pair(source, target)
    tag, splits = _tag(str(text)), list(_splits(text))
    # zh-yue is also another tag for yue
    if len(splits) > 1 or (tag and splits and language(splits[0].target) == language(splits[0].source or "")):
        options = ", ".join(f"{source}:{target}" for source, target in splits)
        more = f", or {tag} for one language" if tag else ""
        raise SettingError(f"{text!r} can be read in several ways; write {options}{more}")
    if splits and (doubtful := _doubtful_region(text, splits[0])):
        region = f"{splits[0].source}:{splits[0].target}"
        what = f"{doubtful} is a language, and not a usual region of the language before it"
        raise SettingError(f"{text!r}: {what}; name two languages, or write {region} if you mean the region")
    return splits[0] if splits else Pair(None, tag or _refuse(text))


def _doubtful_region(text: str, pair: Pair) -> str | None:
    """A subtag in lower case that may be a third language, such as ``de`` in ``en-zh-de``, but not ``tw`` in ``zh-tw-en``."""
    import langcodes

    subtags = re.split("[-_]", text.strip())
    for i, (before, subtag) in enumerate(pairwise(subtags), 1):
        if _tag("-".join(subtags[i:])) == pair.target:
            continue  # the language of the target
        if len(subtag) == 2 and subtag.islower() and _tag(subtag) and _tag(f"{before}-{subtag}"):
            main = langcodes.Language.make(territory=subtag.upper()).maximize().language
            if main != _tag(before):
                return subtag
    return None


def script_codes(tag: str) -> tuple[str, ...]:
    """ISO 15924 codes of a language's scripts: several if they are common and the tag specifies none."""
    if tag in _COMMON:
        return (_COMMON[tag],)
    import langcodes

    parsed = langcodes.Language.get(tag)
    if parsed.script is None and (several := _SEVERAL_SCRIPTS.get(language(tag))):
        return several
    return (parsed.maximize().script or "",)


def _splits(text: str) -> Iterator[Pair]:
    subtags = re.split("[-_]", text.strip()) if isinstance(text, str) else []
    for i in range(1, len(subtags)):
        looks_like_region = subtags[0].islower() and subtags[i].isupper() and _tag(f"en-{subtags[i]}")
        source, target = _tag("-".join(subtags[:i])), _tag("-".join(subtags[i:]))
        if source and target and not looks_like_region:
            yield Pair(source, target)


@lru_cache(4096)
def _tag(text: str) -> str | None:
    if text in _COMMON:
        return text
    import langcodes

    code = text.strip().replace("_", "-") if isinstance(text, str) else ""
    if not _SHAPE.fullmatch(code) or not langcodes.tag_is_valid(code):
        return None
    base, _, rest = langcodes.standardize_tag(code).partition("-")
    script = langcodes.Language.get(code).script
    if script and base in _SEVERAL_SCRIPTS and script not in rest:
        # The standard form leaves out the script that is the most common one, but it is not the only common one.
        rest = "-".join(filter(None, (script, rest)))
    extended = next(iter(code.split("-")[1:]), "")
    if len(extended) == 3 and extended.isalpha() and language(extended) != language(code[:3].strip("-")):
        return None
    return None if _NO_LANGUAGE.fullmatch(base) else f"{base}-{rest}" if rest else base


def _refuse(text: str) -> str:
    """:raises SettingError: always; the message suggests the tag that was probably meant."""
    import langcodes

    code = text.strip() if isinstance(text, str) else ""
    advice = "use tags such as zh, en, pt-BR; a pair is SRC-TGT or SRC:TGT, such as zh-en"
    locale, *encoding = re.split("[.@]", code, maxsplit=1)
    if encoding and (tag := _tag(locale)) and not _tag(encoding[0]):  # en_GB.UTF-8
        raise SettingError(f"{text!r} is the name of a locale; did you mean {tag}?")
    parts = re.split("-|[/>→,]|(?<=[a-z]{2})2(?=[a-z]{2})", code) if len(code) < 50 else []
    guesses: list[str] = []
    for part in parts:
        likely = langcodes.Language.make(territory=part.upper()).maximize().language if len(part) == 2 else None
        if tag := _tag(part):
            guesses.append(tag)
        elif likely and _tag(f"en-{part}"):
            guesses.append(likely)
        elif len(part) > 3 and part.isalpha():
            try:
                guesses.append(str(langcodes.find(part)))
            except LookupError:
                break
    if guesses and len(guesses) == len(parts) <= 2:
        advice = f"did you mean {'-'.join(guesses)}?"
    shown = few([repr(text)], longest=60)
    raise SettingError(f"{shown} is not a language tag (BCP 47) or a pair of them; {advice}")
