"""Human and recorded scores: every published format, and known results on public data."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from evalkit.data.human import HumanScores, match_systems, read_human_scores
from evalkit.data.recorded_scores import read_recorded_scores
from evalkit.data.score_files import read_scores
from evalkit.errors import InputError

IDS = ["1", "2", "3"]
DOCS = ["d1", "d1", "d2"]

RAW_MQM = """system\tdoc\tdoc_id\tseg_id\trater\tsource\ttarget\tcategory\tseverity
a\td1\t1\t7\tr1\ts "1"\tt\tAccuracy/Mistranslation\tMajor
a\td1\t1\t7\tr1\ts "1"\tt\tFluency/Punctuation\tMinor
a\td1\t1\t7\tr2\ts "1"\tt\tNo-error\tNo-error
a\td1\t2\t8\tr1\ts\tt\tNon-translation!\tMajor
a\td2\t1\t9\tr1\ts\tt\tSource issue\tMajor
b\td1\t1\t7\tr1\ts\tt\tStyle/Awkward\tCritical
b\td1\t1\t7\tr1\ts\tt\tStyle/Awkward\tNeutral
b\td1\t1\t7\tr1\ts\tt\tOther\tHOTW-test
"""
APPRAISE = """x,tutorial1,9,TGT,eng,zho,0,ende-tutorial1,False,[],1.0,2.0
x,a,0,TGT,eng,zho,50,d1,False,"[{""start_i"": 1, ""end_i"": 2, ""severity"": ""minor""}]",1.0,2.0
x,a,0,TGT,eng,zho,70,d1,False,[],3.0,4.0
y,a,0,TGT,eng,zho,90,d1,False,[],3.0,4.0
x,a,1,BAD,eng,zho,10,d1#bad,False,[],3.0,4.0
x,a,1,TGT,eng,zho,10,d1#incomplete,False,[],3.0,4.0
x,b,2,TGT,eng,zho,30,d2#dup,False,[],3.0,4.0
x,b,2,TGT,eng,zho,40,d2,False,[],3.0,4.0
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def values(scores: HumanScores) -> dict[str, list[float | None]]:
    return {name: [None if np.isnan(v) else round(float(v), 3) for v in row] for name, row in scores.scores.items()}


@pytest.mark.parametrize(
    ("name", "text", "expected", "score"),
    [
        ("m.tsv", RAW_MQM, {"a": [-2.55, -25.0, 0.0], "b": [-5.0, None, None]}, "MQM"),
        (
            "m.csv",
            RAW_MQM.replace("\t", ",").replace('"', ""),
            {"a": [-2.55, -25.0, 0.0], "b": [-5.0, None, None]},
            "MQM",
        ),
        ("esa.csv", APPRAISE, {"a": [80.0, None, None], "b": [None, None, 40.0]}, "ESA"),
        ("avg.tsv", "system mqm_avg_score seg_id\na\t-1.5 1\na\tNone 2\na\t-0.0 3\n", {"a": [-1.5, None, 0.0]}, "MQM"),
        ("da.txt", "SYS SEGID RAW.SCORE Z.SCORE N\na 1 80 0.5 2\na 3 60 -0.5 1\n", {"a": [0.5, None, -0.5]}, "DA"),
        ("X.seg.score", "a\t1\na\t2\na\tNone\nb\t3\nb\t4\nb\t5\n", {"a": [1, 2, None], "b": [3, 4, 5]}, "X"),
        ("our.csv", "system,id,mqm\na,1,2\na,1,4\nb,3,0\n", {"a": [-3.0, None, None], "b": [None, None, 0.0]}, "mqm"),
        ("our.jsonl", '{"system": "a", "line": 2, "esa": 90}\n', {"a": [None, 90.0, None]}, "esa"),
    ],
)
def test_published_forms(
    tmp_path: Path, name: str, text: str, expected: dict[str, list[float | None]], score: str
) -> None:
    scores = read_human_scores(write(tmp_path, name, text), IDS, articles=DOCS)
    assert values(scores) == expected
    assert scores.column == score


def test_raters_can_be_standardized(tmp_path: Path) -> None:
    scores = read_human_scores(write(tmp_path, "e.csv", APPRAISE), IDS, articles=DOCS)
    assert scores.raters == ("x", "y")
    assert values(scores.normalized()) == {"a": [0.5, None, None], "b": [None, None, -1.0]}
    anonymous = read_human_scores(write(tmp_path, "o.csv", "system,id,esa\na,1,2\n"), IDS)
    with pytest.raises(InputError, match="does not name the raters"):
        anonymous.normalized()


def test_direction_is_known_decided_or_asked_for(tmp_path: Path) -> None:
    bare = write(tmp_path, "s.csv", "system,id,score\na,1,2\n")
    with pytest.raises(InputError, match=r"--higher-is-better yes\|no"):
        read_human_scores(bare, IDS)
    assert values(read_human_scores(bare, IDS, higher_is_better=False))["a"][0] == -2.0
    negative = write(tmp_path, "n.csv", "system,id,mqm\na,1,-2\n")
    scores = read_human_scores(negative, IDS)
    assert not scores.sign_flipped and scores.notes == (
        f"{negative}: all values of mqm are at most 0, so higher is better",
    )
    mixed = write(tmp_path, "x.csv", "system,id,mqm\na,1,-2\na,2,1\n")
    with pytest.raises(InputError, match="the direction of mqm is unknown"):
        read_human_scores(mixed, IDS)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("m.tsv", RAW_MQM.replace("Critical", "Huge"), "m.tsv:7: unknown severity 'Huge'"),
        ("o.csv", "system,id,esa\na,9,2\n", "no segment '9'; there are 3 segments"),
        ("o.csv", "system,line,esa\na,0,2\n", "the line is '0', not a number from 1"),
        ("o.csv", "system,line,esa\na,1,1_000\n", "o.csv:2: the score is '1_000', not a number"),
        ("o.csv", "system,line,esa\na,1,５０\n", "o.csv:2: the score is '５０', not a number"),
        ("o.csv", "system,line,esa\na,1,1e999\n", "o.csv:2: the score is '1e999', not a number"),
        ("o.csv", "system,line,esa\na,²,2\n", "the line is '²'"),
        ("o.csv", "system,id,esa\na,1," + "9" * 5000 + "\n", "o.csv:2: the score is"),
        ("o.csv", "name,id,esa\na,1,2\n", "--field system=COLUMN"),
        ("o.csv", "system,id,points\na,1,2\n", "--column NAME"),
        ("o.csv", "system,doc,line,esa\na,d2,1,2\n", "is in the document 'd2', but that segment of the run is in 'd1'"),
        ("x.sys.score", "a\t1\nb\t2\n", "scores of whole systems"),
        ("x.seg.score", "a\t1\na\t2\na\t3\na\t4\n", "4 scores of system 'a' in segment order, but there are 3"),
        ("x.seg.score", "a\t1\na\t2\n", "2 scores of system 'a' in segment order, but there are 3 segments"),
        ("o.csv", "system,id,esa\n", "no scores"),
    ],
)
def test_wrong_scores_are_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InputError) as raised:
        read_human_scores(write(tmp_path, name, text), IDS, articles=DOCS)
    assert message in str(raised.value)


def test_what_could_be_meant_otherwise_is_told(tmp_path: Path) -> None:
    shifted = write(tmp_path, "s.csv", "system,id,esa\na,11,1\na,12,2\na,13,3\na,13,4\n")
    scores = read_human_scores(f"QA={shifted}", IDS)
    assert values(scores) == {"a": [1.0, 2.0, 3.5]} and scores.column == "QA"
    assert [note.partition(": ")[2] for note in scores.notes] == [
        "its ids 11 to 13 are not those of the run; they are taken as the segments in order",
        "1 repeated score for the same system, segment and rater; repeated scores are averaged",
    ]
    missing = write(tmp_path, "m.csv", "system,id,esa\na,1,NA\na,2,\na,3,5\n")
    assert values(read_human_scores(missing, IDS)) == {"a": [None, None, 5.0]}


def test_logs_have_scores_as_well(tmp_path: Path) -> None:
    segments = {f"{name}.en": [{"src": "猫", "mt": "cat", "COMET": s} for s in (0.5, 0.7, 0.9)] for name in "ab"}
    comet = write(tmp_path, "comet.json", json.dumps(segments))
    assert values(read_human_scores(comet, IDS))["b"] == [0.5, 0.7, 0.9]
    assert list(read_recorded_scores(gzipped(comet), IDS)["a"].values()) == [0.5, 0.7, 0.9]


def gzipped(path: Path) -> Path:
    copy = path.with_name(f"{path.name}.gz")
    copy.write_bytes(gzip.compress(path.read_bytes()))
    return copy


def test_systems_in_one_of_the_two_only_are_told() -> None:
    assert match_systems(["a", "b"], ["a", "b"], "h") == []
    notes = match_systems(["a", "b", "C"], ["a", "b", "c", "ref"], "h")
    assert notes == [
        "h: not judged: C",
        "h: judged, but not in the run: c, ref",
        "h: C differ from judged systems only by case; rename one of the two",
    ]
    with pytest.raises(InputError, match="GOOD"):
        match_systems(["GOOD", "BAD"], ["good", "bad"], "h")


def test_known_answers_of_ted(shared_data: Path) -> None:
    ted = shared_data / "ted21-zh-en"
    docs = (ted / "docids").read_text().split()
    ids = [str(i + 1) for i in range(len(docs))]
    ours = read_human_scores(ted / "mqm.tsv", ids, articles=docs)
    for articles in (docs, None):
        raw = read_human_scores(shared_data / "formats" / "mqm_ted_zhen.tsv", ids, articles=articles)
        assert raw.scores.keys() == ours.scores.keys()
        assert all(np.allclose(raw.scores[name], ours.scores[name], atol=1e-4) for name in raw.scores)
    averaged = read_human_scores(shared_data / "formats" / "mqm_ted_zhen.avg_seg_scores.tsv", ids)
    assert np.allclose(averaged.scores["NiuTrans"], ours.scores["NiuTrans"], atol=1e-4)
    assert round(-raw.scores["refB"].mean(), 2) == 0.42


def test_known_answers_of_wmt24(shared_data: Path) -> None:
    folder = shared_data / "wmt24-en-zh"
    docs = (folder / "docids").read_text().split()
    scores = read_human_scores(folder / "esa.csv", [str(i + 1) for i in range(998)], articles=docs)
    assert scores.values is not None and len(scores.values) == 8242 and len(scores.scores) == 13
    judged = {np.flatnonzero(~np.isnan(row)).tobytes() for row in scores.scores.values()}
    assert len(judged) == 1 and (~np.isnan(scores.scores["GPT-4"])).sum() == 634
    means = {name: round(float(np.nanmean(row)), 2) for name, row in scores.scores.items()}
    assert means["GPT-4"] == 90.72 and means["refA"] == 88.85 and means["IKUN-C"] == 81.84


def test_known_answers_of_gemba(shared_data: Path) -> None:
    file = read_scores(shared_data / "wmt22-zh-en" / "scores" / "GEMBA-GPT4-DA-src.seg.score")
    assert file.name == "GEMBA-GPT4-DA-src" and file.higher_is_better
    online = [row.score for row in file.rows if row.system == "Online-G"]
    assert len(online) == 1875 and round(sum(online) / 1875, 3) == 91.275


def test_another_number_of_the_only_segment_is_noted(tmp_path: Path) -> None:
    scores = read_human_scores(write(tmp_path, "e.csv", "system,id,esa\na,7,50\nb,7,60\n"), ["1"])
    assert values(scores) == {"a": [50.0], "b": [60.0]}
    assert "its ids 7 to 7 are not those of the run" in scores.notes[0]
