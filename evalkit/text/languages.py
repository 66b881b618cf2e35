"""What a language code says about scoring: is it a code at all, and are words set apart by spaces."""

from __future__ import annotations

import re

from evalkit.errors import SettingError

__all__ = ["UNSPACED", "language"]

# ISO 639-1
_TWO = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb
    nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq
    sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """.split()
)
_SAME = {
    "zho": "zh",
    "chi": "zh",
    "cmn": "zh",
    "yue": "zh",
    "wuu": "zh",
    "eng": "en",
    "jpn": "ja",
    "kor": "ko",
    "tha": "th",
}

#: languages whose words a tokenizer for spaced text cannot find (Korean has spaces, but its particles are glued on).
UNSPACED = frozenset({"ja", "ko", "th", "lo", "km", "my", "bo", "dz"})


def language(code: str) -> str:
    """The base language of a code: ``zh-Hans``, ``zh_CN``, ``zho`` and ``yue`` are ``zh``.

    :raises SettingError: for something that is no language code.
    """
    if not isinstance(code, str) or not re.fullmatch(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", code):
        raise SettingError(f"{code!r} is not a language code; use one such as zh, en, de")
    base = re.split(r"[-_]", code.lower(), maxsplit=1)[0]
    base = _SAME.get(base, base)
    if len(base) == 2 and base not in _TWO:
        raise SettingError(f"{code!r} is not a known language code (ISO 639-1); use one such as zh, en, de")
    return base
