from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from evalkit.engine.evaluate import run as evaluate
from evalkit.errors import InputError, SettingError
from evalkit.integrations.sacrebleu import compare_scores, read_scores
from evalkit.results.run_folder import save_results
from evalkit.results.task_results import TaskResults
from interchange.tiny import MADE, REFERENCES, SAID, tiny

Cli = Callable[..., CompletedProcess[str]]
HYPOTHESES = [text.replace("\n", " ") for text in SAID]
SECOND = [text.replace("library", "school") for text in REFERENCES]


def task(systems: dict[str, list[str]], metrics: tuple[str, ...] = ("BLEU", "chrF", "TER")) -> TaskResults:
    bench = tiny()
    return evaluate(bench, systems, metrics=metrics).tasks[0]


def test_three_metrics_are_read_and_equal_ours_to_the_last_digit() -> None:
    scores = read_scores(MADE / "sacrebleu-three.json")
    assert [(s.metric, s.beta, s.score) for s in scores] == [
        ("BLEU", None, Decimal("24.2")),
        ("chrF", 2, Decimal("60.7")),
        ("TER", None, Decimal("81.8")),
    ]
    assert scores[0].signature["tok"] == "13a"
    rows = compare_scores(task({"mine": HYPOTHESES}), scores)
    assert [(row.theirs.metric, row.equal, row.differences) for row in rows] == [
        (m, True, ()) for m in ("BLEU", "chrF", "TER")
    ]
    assert str(rows[0]) == "mine BLEU: sacrebleu 24.2, evalkit 24.20: equal"


def test_several_systems_are_found_by_their_files_names() -> None:
    scores = read_scores(MADE / "sacrebleu-paired.json")
    assert [(s.system, s.metric) for s in scores] == [
        ("hyp.txt", "BLEU"),
        ("hyp.txt", "chrF"),
        ("hyp2.txt", "BLEU"),
        ("hyp2.txt", "chrF"),
    ]
    rows = compare_scores(task({"hyp": HYPOTHESES, "hyp2": SECOND}), scores)
    assert [(r.system, r.theirs.metric, r.equal) for r in rows] == [
        (s, m, True) for s in ("hyp", "hyp2") for m in ("BLEU", "chrF")
    ]
    assert [r.system for r in compare_scores(task({"hyp2": SECOND}), scores)] == ["hyp2"] * 2
    with pytest.raises(SettingError, match=r"none of sacrebleu's systems \(hyp.txt, hyp2.txt\) is in the run \(mine\)"):
        compare_scores(task({"mine": SECOND}), scores)


def test_what_differs_is_said() -> None:
    scores = read_scores(MADE / "sacrebleu-three.json")
    run = task(
        {"mine": SECOND}, ("BLEU(lowercase=true,fold_width=true)", "chrF(beta=3,whitespace=true)", "TER(case=true)")
    )
    rows = {row.theirs.metric: row for row in compare_scores(run, scores)}
    assert not any(row.equal for row in rows.values())
    assert rows["BLEU"].differences == (
        "lowercase: case:mixed there, case:lc here",
        "fold_width: full-width letters and punctuation are folded here",
    )
    assert rows["chrF"].differences == ("beta 2 there, 3 here", "whitespace: space:no there, space:yes here")
    assert rows["TER"].differences == ("case: case:lc there, case:mixed here",)
    assert "\n    lowercase: case:mixed there" in str(rows["BLEU"])


def test_a_metric_that_was_not_scored_has_no_score_beside_it() -> None:
    (row,) = compare_scores(task({"mine": HYPOTHESES}, ("chrF++",)), read_scores(MADE / "sacrebleu-one.json"))
    assert (row.ours, row.equal) == (None, False)
    assert str(row) == "mine BLEU: sacrebleu 24.2, not scored here"


def test_which_system_must_be_said_where_it_is_not_clear() -> None:
    scores = read_scores(MADE / "sacrebleu-one.json")
    run = task({"one": HYPOTHESES, "two": SECOND})
    with pytest.raises(SettingError, match="say which system sacrebleu scored: --system, one of one, two"):
        compare_scores(run, scores)
    assert compare_scores(run, scores, "one")[0].equal and not compare_scores(run, scores, "two")[0].equal
    with pytest.raises(SettingError, match="no system 'three'"):
        compare_scores(run, scores, "three")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("24.2\n", "no score of sacrebleu"),
        ('{"name": "BLEU"}', "no score of BLEU, chrF or TER by sacrebleu (name 'BLEU')"),
        ('{"name": "COMET", "score": 1.0}', "(name 'COMET')"),
        ('{"name": "BLEU", "score": NaN}', "no score of BLEU"),
        ("[]", "there is no score in this file"),
        ("{", "not valid JSON"),
        ('{"name": "BLEU", "score": 1, "score": 2}', "duplicate key 'score'"),
        ('{"name": "BLEU", "score": 1e999999}', "no score of BLEU"),
        ("38.7", "write them with --format json, without -b"),
        ('["BLEU"]', "no score of sacrebleu"),
        ('[{"system": "a", "BLEU": 3}]', "no score of BLEU"),
    ],
)
def test_what_sacrebleu_did_not_write_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "s.json"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_scores(path)
    assert said in str(error.value) and str(path) in str(error.value)


def test_the_command(cli: Cli, tmp_path: Path) -> None:
    bench = tiny()
    save_results(evaluate(bench, {"mine": HYPOTHESES}, metrics=["BLEU"]), tmp_path / "run")
    done = cli("beside", "run", MADE / "sacrebleu-three.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "mine BLEU: sacrebleu 24.2, evalkit 24.20: equal"
    assert done.stdout.splitlines()[1] == "mine chrF: sacrebleu 60.7, not scored here"
