"""Prices of tokens: those that the user gave, or those of the package genai-prices."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from evalkit.models.chat import Usage


def price_of(model: str, prices: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return the prices per million input and output tokens; None if they are unknown.

    :param prices: the user's price, which takes precedence.
    """
    return prices if prices is not None else _listed(model)


@lru_cache
def _listed(model: str) -> tuple[float, float] | None:
    try:
        prices: Any = import_module("genai_prices")
    except ImportError:
        return None
    matching = []
    # Of 1,000 tokens: some models cost more for long requests.
    for usage in ({"input_tokens": 1000}, {"output_tokens": 1000}):
        try:
            matching.append(1000 * float(prices.calc_price(prices.Usage(**usage), model_ref=model).total_price))
        except (LookupError, ValueError):  # a model that the package does not list
            return None
    return matching[0], matching[1]


def cost(usage: Usage, price: tuple[float, float] | None) -> float | None:
    """Return the cost of tokens at a price per million."""
    return None if price is None else (usage.input * price[0] + usage.output * price[1]) / 1e6
