"""Detects refusals: outputs that say, in Chinese or English, why there is no translation or summary.

A refusal opens with a sentence about the task ("I cannot summarize this article.") and contains few other words, so its
opening is matched against a small lexicon of both languages. An output is not a refusal if a source or reference of
similar length has the same content, because people also refuse and ask for help in dialogues; a much longer source is
not considered. The running time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from evalkit.text.scripts import WORD

__all__ = ["is_refusal"]

#: the maximum length of a refusal, including its reasons.
_LONGEST = 1000
_OPENING = 300
#: how much longer a source must be for a short phrase to count as a refusal: by this factor, and by this many words.
_TIMES, _MORE = 2.5, 3
#: the minimum share of letters in the opening sentence that belong to words of the lexicon.
_COVERED = 0.8
#: the minimum share where the output is shorter than source and reference, apologizes, or names the task.
_PARTLY_COVERED, _SHORTER = 0.65, 1.3

#: words for the task and its problems; a refusal contains at least one of them. A star matches any ending.
_TASK = {
    "translate": """
    translat* 翻译 译文 译本 译
    """,
    "summarize": """
    summar* 摘要 总结 概括 概要
    """,
    "text": """
    text texts article passage paragraph segment 文本 文章 原文 正文
    """,
    "material": """
    document content contents file page link links website* attachment material input output message 内容 文字 文件
    文档 新闻 报道 网页 链接 附件 输入 输出
    linked pages 消息 全文 附件
    """,
    "request": """
    request* prompt task instruction* polic* guidelines rules 请求 要求 任务 指令 需求 规定 规范 政策 准则 设定 法规
    guidance 策略
    """,
    "answer": """
    answer* respon* repl* question* quer* discuss* topic* conversation knowledge 回答 作答 答复 回复 答案 问题 评论
    讨论 话题 看法 奉告 聊 对话
    """,
    "help": """
    help* assist* support 帮助 协助 帮忙 帮 支持 忙
    """,
    "process": """
    process* generat* generation produce provid* complet* fulfil* comply produc* retriev* access* brows* available 提供
    生成 处理 完成 满足 执行 访问 打开 读取 显示 展示 获取 胜任 可用
    """,
    "error": """
    error* fail* wrong problem timed timeout overloaded busy retry try rate skipped blocked filter* removed skip*
    prevent* restricted unavailable interrupted truncated occurred trouble issue 错误 出错 失败 超时 繁忙 有误 重试
    再试 再来 开小差 停止 过滤 屏蔽 被拒绝
    inconvenience down flagged moderation cut too 打不开 拦截 不便 频繁 未通过 走神 失效
    """,
    "machine": """
    ai assistant chatbot model server system service 人工智能 语言模型 模型 助手 服务器 系统 服务 网络
    """,
}
_APOLOGY = """
    sorry apolog* unfortunately regret* afraid oops 抱歉 对不起 不好意思 遗憾 请原谅 恕
"""
#: negations, requests and offers; a refusal also contains one of these or an apology.
_TURN = """
    can couldn could cannot able unable not no nothing none without didn never neither nor don doesn won wouldn isn
    wasn aren haven hasn t need needs include included given declin* refus* outside prefer rather please trouble
    missing empty incomplete beyond against exceed* too violat* only how what 无法 不能 不可以 没有办法 没办法 没法
    无权 未能 不便 难以 不了 不上 不到 不予 不符合 不适合 不允许 不支持 不可 拒绝 没有 尚无 暂无 未 没 无 不 请 麻烦
    inappropriate 不合适 还在学习 做什么 would
    超出 违反 缺失 为空 空 换 需要 可以帮 学习中 不清楚 不知道 有什么
    似乎 好像 能否 可否 敬请谅解 只能 kindly supply
"""
#: other words in such sentences.
_REST = """
    i you we me us my your our it its this that these those there they a an the one s m re d ll ve am is are was were
    be been being has have had do does did will would should may might must need* want* like let to of for from in on
    at by with within about into and or but so as if than because due since while however which any some all other
    another more full enough further additional just very really truly again later now currently temporarily right here
    yet sure certainly course ok hello hi thank* see open read find found given give gave get got share* paste* send
    sent enter attach* upload* includ* contain* seem* appear* look* check work something anything else thing possible
    ability scope context information sensitive political harmful offensive happy glad comment opinion apologies way
    doing word words sort* copyright* safety legal privacy usage external internal language matter reproduc* handle
    having trouble difficult* management triggering unexpected unknown appreciate* restrictions question* accurate*
    accurately source went where sentence hand continue talk change understand* underst* know catch ask* rephrase
    specific particular comfortable short long length maximum limit* detected received supplied displayed shown made
    english chinese non url http* youtube video 我们 咱们 我 您 你 本 他 它 这个 这段 这篇 这种 这项 这类 这是 这 那 该
    此类 此 其 一个 一款 一名 一篇 一段 一下 个 只是 作为 是 的 了 吗 吧 呢 地 得 很 非常 十分 实在 真的 真 完全 暂时
    目前 现在 当前 暂 还 也 都 就 才 已经 已被 已 被 对于 对此 对 关于 由于 因为 因 鉴于 根据 相关 法律 敏感 版权 限制
    涉及 包含 含有 信息 范围 能力 知识 权限 更多 足够 可供 可以 可 能够 能 会 需要 需 要 想 让 把 将 给 为 以 以便 便
    先 再 重新 稍后 检查 发送 发给 发 上传 粘贴 补充 输入 表述 提问 询问 问 请问 感谢 谢谢 理解 明白 不过 但是 但 然而
    好的 当然 您好 你好 看到 找到 收到 检测到 听懂 学会 学习 知道 清楚 进行 方面 出现 发生 一些 任何 有 在 中 上 到 来
    去 和 或 与 及 并 后 前 向 次 话 说 些 别的 其他 上下文 语境 准确 太 过 长 短 最大 长度 字数 内部 外部 所 如 即 用
    使用 意思 情况 网址 视频 超出 所有 别 点
    allowed pass speak refer* certain safety settings slow actual first appropriate capab* 安全 考虑 结果 语言
    具体 分段 一次 过于 继续 返回 审核 说得
    opened display displayed details time moment engage supply supplied cover covers attached
    建议 咨询 专业 分享 译员 sharing work
    类型 此刻 原因 附上 带来 给您 谅解 回应 相应 属于 出于
"""
#: complete outputs that count as refusals only if the source is much longer.
_WEAK = (
    r"n/?a|none|null|nil|nan|undefined|unknown|error|no|sorry|not applicable|i have no idea|i (?:do not|don[’']?t) know|"
    r"i (?:can ?not|can[’']?t|refuse|won[’']?t)(?: do (?:that|this|it))?|"
    r"无|空|暂无|没有|我?不知道|我?不清楚|未知|抱歉|对不起|错误|失败|我不会|拒绝"
)
_WHOLE = re.compile(rf"[\W_]*(?:{_WEAK})[\W_]*", re.IGNORECASE)

#: task-related classes that are rare in dialogues and news; the others also require an apology, an error or an "I".
_PLAIN = frozenset({"translate", "summarize", "text", "request", "machine"})
_ROLES = {**_TASK, "apology": _APOLOGY, "turn": _TURN, "rest": _REST}
_ROLE_OF = {word: role for role, words in reversed(_ROLES.items()) for word in words.split()}
_CHINESE = sorted((word for word in _ROLE_OF if not word.isascii()), key=len, reverse=True)
_WORDS = re.compile(f"[A-Za-z]+|{'|'.join(_CHINESE)}")
_SENTENCE = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]?")
_FIRST_PERSON = re.compile(r"\b(?:I|We)\b|我")
#: whose refusal a text reports
_THIRD_PERSON = re.compile(
    r"(?i)\b(?:he|she|his|her|said|told|officials?|police|court|minister|government)\b|[他她]|法院|医生|警方|政府"
)
_LETTERS = re.compile(r"[^\W\d_]")


def is_refusal(text: str, others: Sequence[str] = ()) -> bool:
    """Whether a text refuses the task, or says that there is nothing to translate or summarize.

    :param text: an output.
    :param others: the source and the references of its segment, if known.
    """
    if not text.strip() or len(text) > _LONGEST:
        return False
    roles = _opening_roles(text)
    weak = _WHOLE.fullmatch(text)
    if not roles and not weak:
        return False
    much_shorter = min(map(_size, others), default=0) >= _TIMES * _size(text) + _MORE
    if much_shorter or weak:
        return much_shorter
    about = roles & _TASK.keys()
    said = {role for other in others for role, _ in _roles(other[:_OPENING])}
    if about & said or ("apology" in roles and "apology" in said):
        return False
    sure = roles & {"apology", "translate", "summarize"} or "partly" not in roles
    shorter = min(map(_size, others), default=0) >= _SHORTER * _size(text)
    if not sure and not ("first person" in roles and shorter):
        return False
    return bool(about & _PLAIN) or bool(about - {"error"} and roles & {"apology", "error", "first person"})


def _size(text: str) -> float:
    """Length in English words; a Chinese character counts as 0.6 words."""
    words = WORD.findall(text)
    return sum(1.0 if word.isascii() else 0.6 for word in words)


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
    for match in _WORDS.finditer(text):
        role = _role(match[0].lower())
        if role:
            yield role, len(match[0])


@lru_cache(maxsize=1 << 14)
def _role(word: str) -> str:
    """The role of a word: by exact match, or by the longest listed prefix with a star."""
    stems = (_ROLE_OF.get(f"{word[:end]}*", "") for end in range(len(word), 2, -1))
    return _ROLE_OF.get(word) or next(filter(None, stems), "")
