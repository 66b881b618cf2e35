"""Negations in Chinese and English text."""

from __future__ import annotations

import re

CLAUSE = {"zh": re.compile(r"[，。；！？：,;!?:\n]"), "en": re.compile(r"[,;:.!?\n—–]|\bbut\b|\bwhile\b|\bwhereas\b")}
NEGATION = {
    "zh": re.compile(
        r"(?:并非|绝非|没有|没能|未能|尚未|从未|并未|从不|决不|绝不|不再|不是|不曾|未曾|否认|拒绝|防止|避免|防范|停止|放弃|不必|无需|未|没|不|非|无)"
    ),
    "en": re.compile(
        r"\b(?:not|never|no longer|neither|nothing|hardly|refus\w+|prevent\w*|avoid\w*|"
        r"declin(?:e|es|ed|ing) to|fail(?:s|ed)?(?: to)?|"
        r"den(?:y|ies|ied|ying)|without|stop(?:s|ped)?|ceas\w+|cannot|no)\b|n['’]t\b"
    ),
}
#: Expressions that look like negations but are not.
NO_NEGATION = {
    "zh": re.compile(
        r"不仅|不但|不只|不光|不单|不断|不少|不同(?!意)|不久|不得不|不能不|不可不|无不|不可或缺|不可缺少|来之不易|不易|不错|不限|不超过|不低于|不少于|不止|不足|无论|"
        r"无数|无疑|无私|未来|非常|非遗|非营利|非政府|除非|没收|不容|不容易|不如|不变|不懈|不息|不忘|不管|不论|毫不|无限|无比|无处不在|不已|差异|不均"
    ),
    "en": re.compile(
        r"\bnot (?:only|just|merely|least|simply|to mention|surprisingly)|"
        r"\bno (?:fewer|less|doubt|matter|later|one but|\d+|sooner)\b|\bno\. ?\d|"
        r"\bnon-\w+|\bcannot but|\bwithout (?:a )?doubt",
        re.IGNORECASE,
    ),
}
