"""Probes of metrics: texts with one known error, and harmless variants of correct texts, scored by any metric."""

from evalkit.probing.cases import Case, Probe, bundled_cases
from evalkit.probing.generate import KINDS, generate
from evalkit.probing.score import Probed, Verdict, probe

__all__ = ["KINDS", "Case", "Probe", "Probed", "Verdict", "bundled_cases", "generate", "probe"]
