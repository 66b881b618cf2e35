"""BLEU (Papineni et al. 2002, https://aclanthology.org/P02-1040), with sacrebleu's numbers.

Post 2018, "A Call for Clarity in Reporting BLEU Scores" (https://aclanthology.org/W18-6319), explains why the tokenizer
is a setting with a default for each language and is part of the signature.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import SettingError
from evalkit.metrics.base import Metric, References, Statistics, setting
from evalkit.metrics.kernels.ngrams import BleuRows, tokenized, view
from evalkit.metrics.kernels.routing import Routed, RoutedMetric
from evalkit.text.languages import UNSPACED, language

_SEGMENTING = ("zh", "char", "flores101", "flores200", "spBLEU-1K")
#: The tokenizers for languages that the default tokenizer cannot split into words; the first is recommended.
_SAFE = {
    "zh": _SEGMENTING,
    "ja": ("ja-mecab", "char", "flores200", "spBLEU-1K"),
    "ko": ("ko-mecab", "char", "flores200", "spBLEU-1K"),
} | dict.fromkeys(sorted(UNSPACED - {"ja", "ko"}), ("flores200", "char", "spBLEU-1K"))

#: Tokenizers implemented here. For the others, sacrebleu's own tokenizer is called and its tokens are counted here.
_OWN_TOKENIZERS = frozenset({"13a", "zh", "char", "none"})
# sacrebleu's substitute for log(0).
_LOG_OF_ZERO = -9999999999.0
# Chen and Cherry 2014, https://aclanthology.org/W14-3346
_SMOOTH_VALUES = {"floor": 0.1, "add-k": 1.0}

#: Characters of CJK Extension B.
_UNSPLIT = re.compile("[\U00020000-\U0002a6df]")


@dataclass(frozen=True)
class BLEU(RoutedMetric):
    """Geometric mean of clipped n-gram precisions times the brevity penalty, 0 to 100.

    A segment's row holds lengths and counts, so the score of a sum of rows is the score of these texts as one corpus.
    With ``effective_order`` (the default), n-gram orders longer than every hypothesis are ignored; otherwise an
    identical text of three tokens would score 0. Corpus scores are unaffected as soon as one hypothesis has four
    tokens. ``tokenize=zh`` reproduces sacrebleu's numbers, including an error in its character table: rare characters
    of CJK Extension B are not split, and punctuation such as “ ” — … is split like Chinese characters.
    """

    name = "BLEU"
    empty_is_worst = False
    loops = "ngram_loops"
    seconds_per_character = 0.5e-6
    summary = "n-gram precision with a brevity penalty"
    range = (0.0, 100.0)

    tokenize: str | None = setting(
        choices=("13a", "zh", "char", "intl", "none", "ja-mecab", "ko-mecab", "flores101", "flores200", "spBLEU-1K"),
        by_lang=True,
        doc="sacrebleu tokenizer: zh for Chinese (as in sacrebleu, Extension B is not split), 13a for languages with spaces",
    )
    lowercase: bool = setting(False, kind=bool, doc="compare in lower case")
    fold_width: bool | None = setting(kind=bool, doc="fold full-width punctuation, letters and digits to ASCII first")
    effective_order: bool = setting(True, kind=bool, doc="leave out n-gram orders no hypothesis is long enough for")
    smooth: str = setting("exp", choices=("exp", "floor", "add-k", "none"), doc="smoothing of zero counts")
    smooth_value: float | None = setting(kind=float, low=0, doc="constant of floor (0.1) and add-k (1)")
    max_order: int = setting(4, kind=int, low=1, high=16, doc="longest n-gram")
    force: bool = setting(
        False, kind=bool, doc="accept a tokenizer that finds no words, to reproduce a published number"
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """Lengths, then the matched n-grams by order, then all n-grams by order."""
        orders = range(1, self.max_order + 1)
        return (
            "hypothesis_length",
            "reference_length",
            *(f"correct_{n}" for n in orders),
            *(f"total_{n}" for n in orders),
        )

    def _resolve(self, lang: str) -> Metric:
        base = language(lang)
        tokenize = self.tokenize
        if base in _SAFE:
            safe = _SAFE[base]
            if tokenize is None and base == "zh":
                tokenize = "zh"
            if tokenize is None:
                raise SettingError(
                    f"BLEU cannot find words in {lang} by itself: name a tokenizer, for example BLEU(tokenize={safe[0]}) "
                    "or BLEU(tokenize=char)"
                )
            if tokenize not in safe and not self.force:
                raise SettingError(
                    f"BLEU(tokenize={tokenize}) scores {lang} wrongly; use BLEU(tokenize={safe[0]}), or "
                    f"BLEU(tokenize={tokenize},force=true) to reproduce a published number"
                )
        return replace(self, tokenize=tokenize or "13a", fold_width=bool(self.fold_width))

    @property
    def caveat(self) -> str:
        """The error of sacrebleu's tokenizer for Chinese, which is reproduced."""
        wrong = "as in sacrebleu, tokenize=zh does not split rare characters of CJK Extension B"
        return wrong if self.tokenize == "zh" else ""

    def text_notes(self, outputs: Iterable[Iterable[str]]) -> Iterator[str]:
        """Yield a note if outputs have characters that sacrebleu's tokenizer for Chinese fails to split."""
        if self.tokenize == "zh":
            count = sum(_UNSPLIT.search(text) is not None for texts in outputs for text in texts)
            if count:
                have = "outputs have" if count > 1 else "output has"
                yield (
                    f"BLEU: {count:,} {have} characters of CJK Extension B, which tokenize=zh does not split, as in sacrebleu"
                )

    def prepare(self, references: References) -> Routed:
        """Tokenize and count the references once for all systems, with numpy or (large inputs) compiled loops."""
        if self.tokenize not in _OWN_TOKENIZERS:
            self._sacrebleu_tokenizer()  # a tokenizer that is not installed is reported before any work
        return super().prepare(references)

    def _source(self, references: References, *, compiled: bool) -> BleuRows:
        before, tokenize = view(bool(self.fold_width), self.lowercase), str(self.tokenize)
        if tokenize not in _OWN_TOKENIZERS:
            before, tokenize = partial(tokenized, self._sacrebleu_tokenizer(), before), "none"
        return BleuRows(references.texts, tokenize, before, self.max_order, compiled)

    def _sacrebleu_tokenizer(self) -> Callable[[str], str]:
        from sacrebleu.metrics.bleu import BLEU as SacrebleuBLEU

        try:
            tokenizer: Callable[[str], str] = SacrebleuBLEU(tokenize=self.tokenize, force=True).tokenizer
        except (ImportError, RuntimeError) as error:
            raise SettingError(f"BLEU(tokenize={self.tokenize}) is not available here: {error}") from None
        return tokenizer

    def score(self, statistics: Statistics) -> NDArray[np.float64]:
        """BLEU of summed rows: float64[..., 2 + 2 * max_order] to float64[...], 0 to 100.

        Source: ``sacrebleu.metrics.bleu.BLEU.compute_bleu``, vectorized.
        """
        s = np.asarray(statistics, dtype=np.float64)
        n = self.max_order
        length, ref_length = s[..., 0], s[..., 1]
        correct, total = s[..., 2 : 2 + n], s[..., 2 + n :]
        any_correct = (correct > 0).any(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            penalty = np.where(length > 0, np.exp(np.minimum(0.0, 1.0 - ref_length / length)), 0.0)
            value = _SMOOTH_VALUES.get(self.smooth, 0.0) if self.smooth_value is None else self.smooth_value
            log_sum = np.zeros(s.shape[:-1])
            orders = np.zeros(s.shape[:-1])
            alive = np.ones(s.shape[:-1], dtype=bool)
            halvings = np.ones(s.shape[:-1])
            for i in range(n):
                c, t = correct[..., i], total[..., i]
                if self.smooth == "add-k" and i > 0:
                    c, t = c + value, t + value
                alive = alive & (t > 0)
                zero = alive & (c == 0)
                halvings = np.where(zero, halvings * 2, halvings)
                if self.smooth == "exp":
                    precision = np.where(zero, 100.0 / (halvings * t), 100.0 * c / t)
                elif self.smooth == "floor":
                    precision = np.where(zero, 100.0 * value / t, 100.0 * c / t)
                else:
                    precision = 100.0 * c / t
                logs = np.where(alive & (precision > 0), np.log(precision), _LOG_OF_ZERO)
                if self.effective_order:
                    logs = np.where(alive, logs, 0.0)
                log_sum = log_sum + logs
                orders = orders + alive
            mean = log_sum / (np.maximum(orders, 1) if self.effective_order else n)
            scores: NDArray[np.float64] = np.where(any_correct, penalty * np.exp(mean), 0.0)
        return scores
