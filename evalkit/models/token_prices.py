"""Prices of tokens: those that the user gave, or those of the package genai-prices."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from evalkit.models.chat import Usage


def cost(model: str, usage: Usage, prices: tuple[float, float] | None) -> float | None:
    """Return the cost of tokens; None if the price is unknown.

    :param prices: the user's prices per million input and output tokens, which take precedence.
    """
    price = _listed(model) if prices is None else prices
    return None if price is None else (usage.input * price[0] + usage.output * price[1]) / 1e6


@lru_cache
def _listed(model: str) -> tuple[float, float] | None:
    try:
        prices: Any = import_module("genai_prices")
        # Of 1,000 tokens: some models cost more for long requests.
        thousands = (prices.Usage(input_tokens=1000), prices.Usage(output_tokens=1000))
        first, second = (1000 * float(prices.calc_price(usage, model_ref=model).total_price) for usage in thousands)
    except (ImportError, LookupError, ValueError):  # not installed, or a model that the package does not list
        return None
    return first, second
