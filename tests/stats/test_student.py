from __future__ import annotations

import pytest

from evalkit.stats.student import normal_quantile, t_quantile, t_tail, widened_level, widened_p

# The usual printed table of critical values.
TABLE = [
    (0.025, 1, 12.706),
    (0.025, 2, 4.303),
    (0.025, 4, 2.776),
    (0.025, 9, 2.262),
    (0.025, 30, 2.042),
    (0.025, 100, 1.984),
    (0.05, 5, 2.015),
    (0.005, 10, 3.169),
    (0.0005, 3, 12.924),
]


@pytest.mark.parametrize(("p", "df", "t"), TABLE)
def test_table(p, df, t):
    assert t_quantile(p, df) == pytest.approx(t, abs=0.0006)
    assert t_tail(t_quantile(p, df), df) == pytest.approx(p, rel=1e-12)
    assert t_tail(-t, df) == pytest.approx(1 - t_tail(t, df))


def test_closed_forms():
    # One degree of freedom is the Cauchy distribution, two have an algebraic form.
    assert t_tail(1.0, 1) == pytest.approx(0.25, rel=1e-13)
    assert t_tail(2.0, 2) == pytest.approx(0.5 - 2 / (2 * 6**0.5), rel=1e-12)
    assert t_tail(0.0, 7) == 0.5


def test_many_degrees_of_freedom_are_the_normal_distribution():
    assert t_quantile(0.025, 10**6) == pytest.approx(normal_quantile(0.975), abs=1e-5)
    assert widened_level(0.025, 10**6) == pytest.approx(0.025, abs=1e-6)


def test_few_units_widen():
    assert widened_level(0.025, 10) == pytest.approx(0.0085506, abs=1e-6)
    assert widened_level(0.025, 5) < widened_level(0.025, 10) < widened_level(0.025, 500) < 0.025


@pytest.mark.parametrize("units", [3, 10, 50, 1000])
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.10])
def test_widened_p_is_alpha_where_the_interval_ends(units, alpha):
    assert widened_p(2 * widened_level(alpha / 2, units), units) == pytest.approx(alpha, rel=1e-6)
    assert widened_p(1.0, units) == 1.0
