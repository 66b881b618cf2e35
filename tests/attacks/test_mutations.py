"""Any damaged file gives a result or one error of evalkit."""

from __future__ import annotations

import csv
import io
import json
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from click import ClickException
from data.formats_made import INSPECT, PROMPTFOO, XLIFF, XLIFF2

import evalkit
from attacks.mutations import mutants
from evalkit.cli.run import run
from evalkit.data.human import human_spans, read_human_scores, read_weights
from evalkit.data.outputs import read_systems
from evalkit.data.recorded_scores import read_recorded_scores
from evalkit.errors import EvalkitError, SettingError
from evalkit.files import ZEROS, seal
from evalkit.gate.baseline import baseline_of, read_baseline, write_baseline
from evalkit.gate.rules import read_rules
from evalkit.integrations.sacrebleu import read_scores as read_sacrebleu
from evalkit.leaderboard.history import append, entries_of, read_history
from evalkit.metrics.judging.rubric import load_rubric
from evalkit.models.chat import ChatRequest, Completion, Usage
from evalkit.models.judgement_store import JudgementStore
from evalkit.results.metadata import read_metadata
from evalkit.results.run_folder import DATA_FILES
from evalkit.results.run_json import listed_files, sha256

MADE = Path(__file__).resolve().parent.parent / "interchange" / "made"
IDS = tuple(f"a#{i}" for i in range(1, 4))
ROWS = [
    {
        "id": id_,
        "article": "a",
        "source": f"猫{i}在垫子上。",
        "references": [f"Cat {i} sat.", f"A cat {i}."],
        "lang": "en",
    }
    for i, id_ in enumerate(IDS)
]
OUTPUTS = [{"id": id_, "output": f"A cat {i} sat on 200 mats."} for i, id_ in enumerate(IDS)]
SCORES = [{"system": s, "id": id_, "score": 0.5 + i} for s in ("x", "y") for i, id_ in enumerate(IDS)]
FACTS = [
    {
        "id": "f1", "article": "a", "tier": 1, "kind": "quantity", "statement": {"en": "200 mats"},
        "forms": {"en": ["200 mats", ["cat", "sat"]]}, "contradicts": {"en": ["300 mats"]},
    }
]  # fmt: skip
TERMS = [
    {"source": "猫", "accepted": "cat", "rejected": "dog|rat", "kind": "term"},
    {"source": "垫子", "accepted": "mat"},
]
WMT = """<?xml version='1.0' encoding='utf-8'?>
<dataset id="t"><collection><doc id="a" origlang="zh"><src lang="zh"><p><seg id="1">猫0在垫子上。</seg>
<seg id="2">猫1在垫子上。</seg><seg id="3">猫2在垫子上。</seg></p></src>
<ref lang="en" translator="A"><p><seg id="1">Cat.</seg><seg id="2">Dog.</seg>
<seg id="3">Bird.</seg></p></ref><hyp system="mine" language="en"><p><seg id="1">A cat.</seg><seg id="2">A dog.</seg>
<seg id="3">Bird.</seg></p></hyp>
</doc></collection></dataset>
"""
SGM = """<refset setid="t" srclang="zh" trglang="en"><doc docid="a" sysid="ref"><p><seg id="1">Cat.</seg><seg id="2">Dog.</seg>
<seg id="3">Bird.</seg></p></doc></refset>
"""
TMX = """<tmx version="1.4"><header srclang="zh"/><body><tu tuid="a/1"><tuv xml:lang="zh"><seg>猫。</seg></tuv>
<tuv xml:lang="en"><seg>Cat.</seg></tuv></tu></body></tmx>
"""
RULES = """[tool.evalkit.gate]
max_drop = { chrF = 1.0 }
corpus_min = { BLEU = 30, chrF = 0.5 }
findings_max = { "Health.error" = 0 }
missing_max = 0
systems = ["mine"]
"""
RUBRIC = """question: How fluent is the text?
scale: [1, 5]
anchors: {1: broken, 5: native}
examples:
  - {source: 猫。, output: Cat., score: 4, reason: short}
"""

Reader = Callable[[Path], object]
#: Damaged files per reader, in the normal run and in the slow one.
COUNT, SLOW_COUNT = 60, 1_500
NAMES = (
    "bench.jsonl", "bench.json", "bench.csv", "bench.parquet", "bench.xml", "bench.tmx", "bench.sgm", "lines.txt",
    "out.jsonl", "out.csv", "out.tsv", "out.parquet", "out.xml", "out.txt", "inspect.json", "samples.jsonl",
    "human.csv", "human.jsonl", "human.tsv", "scores.csv", "scores.seg.score", "scores.json", "sacrebleu.json",
    "terms.csv", "terms.tsv", "facts.jsonl", "facts.yaml", "rules.toml", "rubric.yaml", "baseline.json", "history.jsonl",
    "esa.csv", "weights.csv", "promptfoo.json", "batch.jsonl", "log.eval", "out.arrow", "bench.xliff", "bench.xlf",
    "judgements.jsonl", "metadata.toml", "config.toml",
    "run-run.json", "run-statistics.parquet", "run-texts.parquet", "run-findings.jsonl",
)  # fmt: skip


SPANS = '"[{""start_i"": 1, ""end_i"": 2, ""severity"": ""minor""}]"'
ESA = "".join(f"x,a,{i},TGT,eng,zho,{50 + i},d1,False,{SPANS},1.0,2.0\n" for i in range(3))
METADATA = """[benchmark]
released = 2024-08-30
canary = "a text that marks the benchmark"
[systems."my system"]
tuned_on = ["COMET"]
training_cutoff = "2024-06"
"""
CONFIG = """[tool.evalkit.run]
lang = "zh-en"
metric = ["BLEU", "chrF"]
seed = 7
jobs = 2
intervals = true
max-calls = 9
"""


def lines(rows: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def table(rows: list[dict[str, object]], delimiter: str = ",") -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def parquet(rows: list[dict[str, object]]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), sink)
    return sink.getvalue()


def arrow(rows: list[dict[str, object]]) -> bytes:
    import pyarrow

    sink = io.BytesIO()
    table = pyarrow.Table.from_pylist(rows)
    with pyarrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def eval_log() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("header.json", json.dumps({k: v for k, v in INSPECT.items() if k != "samples"}))
        for sample in INSPECT["samples"]:  # type: ignore[attr-defined]
            archive.writestr(f"samples/{sample['id']}_epoch_1.json", json.dumps(sample))
    return sink.getvalue()


ASKED = ChatRequest("m", (("user", "How good is it?"),))


def judgements(path: Path) -> object:
    folder = path.parent / "judgements"
    folder.mkdir(exist_ok=True)
    (folder / path.name).write_bytes(path.read_bytes())
    store = JudgementStore(folder)
    return [(reply.reply, reply.usage) for reply in store.replies(ASKED.key)]


def judgement_lines(folder: Path) -> bytes:
    store = JudgementStore(folder)
    for _ in range(3):
        completion = Completion("good", model="m", fingerprint=None, usage=Usage(1, 2))
        store.add(ASKED, 0, "ok", completion, None, {"score": 1})
    (path,) = folder.iterdir()
    return path.read_bytes()


def config(path: Path) -> object:
    try:
        return copy_context().run(run.make_context, "run", ["--config", str(path), "mine"]).params
    except ClickException as error:
        raise SettingError(f"{path}: {error.message}") from None


def attacked(folder: Path) -> dict[str, tuple[bytes, Reader]]:
    """By name of a file: what it holds when it is whole, and who reads it."""
    bench = evalkit.Benchmark.from_dataset(ROWS, lang="zh-en")
    results = evalkit.run(bench, {"mine": OUTPUTS, "other": OUTPUTS}, metrics=["chrF", "Health"])
    run = evalkit.save_results(results, folder / "run", reports={"report.md": lambda _: "x"})
    baseline = write_baseline(folder / "baseline.json", baseline_of(results))
    append(folder / "history.jsonl", entries_of(evalkit.load_results(run), "abc"))

    def benchmark(path: Path) -> object:
        return evalkit.load_benchmark(path, lang="zh-en").tasks[0].fingerprint()

    def outputs(path: Path) -> object:
        return [tuple(o.texts) for o in read_systems(bench, [path], allow_missing=True)["translate-en"].values()]

    def human(path: Path) -> object:
        return read_human_scores(path, IDS, articles=("a",) * 3, higher_is_better=True)

    def recorded(path: Path) -> object:
        return read_recorded_scores(path, IDS)

    def run_file(path: Path) -> object:
        # Each file of a run, with the checksums made to fit, as somebody would who wants to hurt.
        name = path.name.split("-")[-1]
        kept = (run / name).read_bytes()
        head = (run / "run.json").read_bytes()
        try:
            (run / name).write_bytes(path.read_bytes())
            if name != "run.json":
                digest = listed_files(run)[1][name]
                (run / "run.json").write_bytes(head.replace(digest.encode(), sha256(run / name).encode()))
            reseal(run / "run.json")
            return evalkit.load_results(run).scores().to_dicts()
        finally:
            (run / name).write_bytes(kept)
            (run / "run.json").write_bytes(head)

    found: dict[str, tuple[bytes, Reader]] = {
        "bench.jsonl": (lines(ROWS), benchmark),
        "bench.json": (json.dumps(ROWS, ensure_ascii=False).encode(), benchmark),
        "bench.csv": (table([{**row, "references": "A cat."} for row in ROWS]), benchmark),
        "bench.parquet": (parquet(ROWS), benchmark),
        "bench.xml": (WMT.encode(), benchmark),
        "bench.tmx": (TMX.encode(), benchmark),
        "bench.sgm": (SGM.encode(), lambda path: evalkit.Benchmark.from_lines([path], lang="zh-en")),
        "lines.txt": (b"Cat.\nDog.\nBird.\n", lambda path: evalkit.Benchmark.from_lines([path], lang="zh-en", source=path)),
        "out.jsonl": (lines(OUTPUTS), outputs),
        "out.csv": (table(OUTPUTS), outputs),
        "out.tsv": (table(OUTPUTS, "\t"), outputs),
        "out.parquet": (parquet(OUTPUTS), outputs),
        "out.xml": (WMT.encode(), outputs),
        "out.txt": (b"A cat.\nA dog.\nBird.\n", outputs),
        "inspect.json": ((MADE / "inspect-ids.json").read_bytes(), outputs),
        "samples.jsonl": ((MADE / "samples_tiny_zh_en.jsonl").read_bytes(), outputs),
        "human.csv": (table(SCORES), human),
        "human.jsonl": (lines(SCORES), human),
        "human.tsv": (b"system\tdoc\tdoc_id\tseg_id\trater\tsource\ttarget\tcategory\tseverity\n"
                      + b"".join(f"x\ta\ta\t{i}\tr\ts\tt\tAccuracy\tmajor\n".encode() for i in (1, 2, 3)), human),
        "scores.csv": (table(SCORES), recorded),
        "scores.seg.score": (b"".join(f"x\t{i}.5\n".encode() for i in range(3)), recorded),
        "scores.json": (json.dumps({"x.txt": [{"src": "猫。", "mt": "x", "COMET": 0.5}] * 3}).encode(), recorded),
        "sacrebleu.json": ((MADE / "sacrebleu-three.json").read_bytes(), read_sacrebleu),
        "terms.csv": (table(TERMS), evalkit.read_glossary),
        "terms.tsv": (table(TERMS, "\t"), evalkit.read_glossary),
        "facts.jsonl": (lines(FACTS), evalkit.read_facts),
        "facts.yaml": (json.dumps(FACTS, indent=1, ensure_ascii=False).encode(), evalkit.read_facts),
        "rules.toml": (RULES.encode(), read_rules),
        "rubric.yaml": (RUBRIC.encode(), lambda path: load_rubric(str(path))),
        "baseline.json": (baseline.read_bytes(), read_baseline),
        "history.jsonl": ((folder / "history.jsonl").read_bytes(), read_history),
        "esa.csv": (ESA.encode(), lambda path: human_spans(str(path), ("1", "2", "3"))),
        "weights.csv": (b"id,article,weight\n" + b"".join(f"{id_},a,2.5\n".encode() for id_ in IDS),
                        lambda path: read_weights(path, IDS)),
        "promptfoo.json": (json.dumps(PROMPTFOO).encode(), benchmark),
        "batch.jsonl": (lines([{"custom_id": id_, "response": {"status_code": 200, "body": {
            "choices": [{"message": {"content": "A cat."}}]}}} for id_ in IDS]), outputs),
        "log.eval": (eval_log(), benchmark),
        "out.arrow": (arrow(OUTPUTS), outputs),
        "bench.xliff": (XLIFF.encode(), benchmark),
        "bench.xlf": (XLIFF2.encode(), benchmark),
        "judgements.jsonl": (judgement_lines(folder / "made"), judgements),
        "metadata.toml": (METADATA.encode(), read_metadata),
        "config.toml": (CONFIG.encode(), config),
        **{f"run-{name}": ((run / name).read_bytes(), run_file) for name in ("run.json", *DATA_FILES[1:])},
    }  # fmt: skip
    return found


def reseal(path: Path) -> None:
    """Make the checksum of a run.json fit what it holds now."""
    text = path.read_bytes()
    try:
        head = json.loads(text)
        head["sha256"] = ZEROS
        path.write_text(seal(json.dumps(head, ensure_ascii=False)), encoding="utf-8", errors="backslashreplace")
    except (ValueError, TypeError, RecursionError):
        return


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[bytes, Reader]]]:
    folder = tmp_path_factory.mktemp("files")
    return folder, attacked(folder)


def test_every_file_is_attacked(files: tuple[Path, dict[str, tuple[bytes, Reader]]]) -> None:
    assert tuple(files[1]) == NAMES


@pytest.mark.parametrize("count", [COUNT, pytest.param(SLOW_COUNT, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_no_damaged_file_ends_in_a_traceback(
    files: tuple[Path, dict[str, tuple[bytes, Reader]]], name: str, count: int
) -> None:
    folder, (seed, reader) = files[0], files[1][name]
    path = folder / name
    path.write_bytes(seed)
    if name not in ("samples.jsonl", "inspect.json"):
        reader(path)  # an intact file is read
    tracebacks: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for data in islice(mutants(seed, Random(f"evalkit {name}")), count):
        path.write_bytes(data)
        try:
            reader(path)
            answers["read"] += 1
        except EvalkitError:
            answers["refused"] += 1
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            at = [*frames[-1:], *(f for f in frames if "/evalkit/" in f.filename)][-1]
            tracebacks[f"{type(error).__name__}: {str(error)[:80]} at {Path(at.filename).name}:{at.lineno}"] += 1
    assert not tracebacks
    assert answers.total() == count and (answers["refused"] or name == "history.jsonl")  # which skips broken lines


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("samples.jsonl", b'"doc_id": 0', b'"doc_id": {}'),
        ("samples.jsonl", b'"doc_id": 0', b'"doc_id": 1.5'),
        ("rubric.yaml", b"How fluent", b"!!timestamp How fluent"),
        ("rubric.yaml", b"[1, 5]", b"[1, " + b"9" * 400 + b"]"),
        ("rubric.yaml", b"[1, 5]", b"[1, .inf]"),
        ("baseline.json", b'"format_version"', b'"format_versions"'),
    ],
)
def test_what_once_ended_in_a_traceback(
    files: tuple[Path, dict[str, tuple[bytes, Reader]]], name: str, before: bytes, after: bytes
) -> None:
    seed, reader = files[1][name]
    assert before in seed
    path = files[0] / name
    path.write_bytes(seed.replace(before, after, 1))
    with pytest.raises(EvalkitError, match=name):
        reader(path)
