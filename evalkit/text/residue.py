"""Expressions for the residue of a prompt or chat in an output: words about the task, formatting marks."""

from __future__ import annotations

import re

_WHAT = r"(?:summary|translation|translated text|english version|chinese version)"
_WAS = r"(?:摘要|总结|概要|译文|翻译|概括|英译|中译|翻译结果|英文版|中文版)"

_INTRODUCTION = (
    # Sure, here is the summary:
    r"(?:sure|certainly|of course|absolutely|okay|ok)\b[,.! ]{1,3}(?:here|below|let me|I'll|I’ll)\b[^\n:：]{0,80}[:：]",
    r"(?:sure|certainly|okay)!?[ \t]*\n",
    rf"here(?:'s|’s| is| are)\b[^\n.:：]{{0,80}}\b{_WHAT}\b[^\n.:：]{{0,80}}[:：]",
    rf"(?:the |an? |my )?(?:[a-z]+ )?{_WHAT}\**[ \t]*[:：]",
    # 好的，以下是摘要：
    r"(?:好的|当然可以|当然|没问题)[，,。!！ ]{1,2}(?:以下|下面|这是|这里是|我来|我将|我会)[^\n:：]{0,40}[:：]",
    r"(?:以下|下面)(?:是|为)[^\n。:：]{0,40}[:：]",
    rf"(?:本文|文章|新闻|中文|英文|[【\[])?{_WAS}[】\]]?\**[ \t]*[:：\n]",
)
_CLOSING = (
    r"\bI hope this (?:helps|translation|summary)",
    r"\blet me know if you (?:need|have|would|want)",
    r"\bfeel free to ask",
    r"\bNote: (?:I |this |the ) ?(?:translat|summar|have )",
    r"希望(?:这|以上)[^。\n]{0,20}(?:有所?帮助)",
    r"如(?:果)?(?:你|您)?(?:需要|有)[^。\n]{0,20}请(?:随时)?告诉我",
)
_ITSELF = (
    r"\bas an? (?:AI|artificial intelligence)(?: language)?(?: model| assistant)\b",
    r"作为(?:一个|一名)?(?:AI|人工智能)(?:语言)?(?:模型|助手)",
)
_INSTRUCTION = (
    r"(?:please )?(?:translate|summari[sz]e) the (?:following|above|text|article)",
    r"请(?:将|把|用|对)?(?:以下|下面|上述)[^\n]{0,30}(?:翻译|总结|概括|摘要)",
)
_CHAT = (
    r"<\|[a-z_]{1,30}\|>",
    r"\[/?INST\]",
    r"</?s>|<eos>|<pad>|</?think>",
    r"(?:\A|\n)(?:assistant|user|system|### ?(?:instruction|response|input))[:：]?[ \t]*\n",
)
_MARKDOWN = (
    r"```|~~~",
    r"(?:\A|\n)#{1,6} [^#\n]{1,200}(?:\n|\Z)",
    r"\*\*[^*\n]{1,200}\*\*",
    r"(?:\A|\n)> ",
    r"</?(?:p|br|div|span|b|i|h[1-6])/?>",
)
_JSON = (r"\A\s*[\[{]\s*[\"']?(?:summary|translation|output|text|result|id)[\"']\s*:",)


def _any(*patterns: str, before: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(patterns)})", re.IGNORECASE)


#: kind of residue to an expression that matches it in linear time.
RESIDUE: dict[str, re.Pattern[str]] = {
    "an introduction": _any(*_INTRODUCTION, before=r"\A[\s*#>\"“]*"),
    "a closing remark": _any(*_CLOSING),
    "a word of the model about itself": _any(*_ITSELF),
    "an instruction": _any(*_INSTRUCTION, before=r"(?:\A|\n)[ \t]*"),
    "a mark of the chat format": _any(*_CHAT),
    "Markdown": _any(*_MARKDOWN),
    "a JSON wrapping": _any(*_JSON),
}
