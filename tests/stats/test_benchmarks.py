"""The commands of the benchmarks run on small texts; their pages have the measurements."""

from __future__ import annotations

import random
import sys

import pytest

pytest.importorskip("benchmarks.calibration.speed", reason="the benchmarks are not part of the installed package")


@pytest.fixture
def folder(tmp_path):
    draw = random.Random(1)
    words = [f"word{i}" for i in range(30)]
    reference = [[draw.choice(words) for _ in range(draw.randint(4, 12))] for _ in range(25)]
    (tmp_path / "reference.a.en").write_text("".join(" ".join(line) + "\n" for line in reference), encoding="utf-8")
    (tmp_path / "systems").mkdir()
    for system in ("one", "two", "three"):
        outputs = [[word if draw.random() < 0.7 else draw.choice(words) for word in line] for line in reference]
        text = "".join(" ".join(line) + "\n" for line in outputs)
        (tmp_path / "systems" / f"{system}.en").write_text(text, encoding="utf-8")
    return tmp_path


def run(monkeypatch, capsys, main, *arguments):
    monkeypatch.setattr(sys, "argv", ["benchmark", *map(str, arguments)])
    main()
    return capsys.readouterr().out


@pytest.mark.parametrize("metric", ["BLEU", "chrF"])
def test_calibration(monkeypatch, capsys, folder, metric):
    from benchmarks.calibration.__main__ import main

    shown = run(monkeypatch, capsys, main, folder, "--repeats", 3, "--trials", 50, "--metric", metric)
    assert "3 systems, 25 segments" in shown
    assert shown.count("| sacrebleu, ") == shown.count("| evalkit, ") == 2


def test_units(monkeypatch, capsys):
    from benchmarks.calibration.units import main

    assert "| 50 | skewed |" in run(monkeypatch, capsys, main, "--repeats", 1)


def test_speed(monkeypatch, capsys, folder):
    from benchmarks.calibration.speed import main

    # It ends with an error where sacrebleu's p-values are not reproduced.
    assert "10,000 randomizations" in run(monkeypatch, capsys, main, folder, "--repeats", 1)
