"""Good translations with other wordings than the references have no errors, at most warnings about phrases."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evalkit.data.loading import load_benchmark
from evalkit.data.tasks import references_of
from evalkit.metrics.base import Metric
from evalkit.metrics.health import Health
from evalkit.metrics.key_facts import KeyFacts
from evalkit.metrics.quantities import Quantities
from evalkit.metrics.terms import Terms

SOUND = yaml.safe_load((Path(__file__).parents[1] / "written" / "sound_translations.yaml").read_text("utf-8"))


@pytest.mark.parametrize("metric", [Terms(), KeyFacts(), Quantities(), Health()], ids=str)
def test_a_good_translation_has_no_error(metric: Metric) -> None:
    task = load_benchmark().task("translate-en")
    references = references_of(task)
    assert len(SOUND) >= 20
    places = [task.ids.index(f"{item['article']}/{item['block']}") for item in SOUND]
    findings = [f for i, item in zip(places, SOUND, strict=True) for f in metric.explain(item["text"], references, i)]
    assert [finding for finding in findings if finding.severity == "error"] == []
    if metric.name == "Terms":
        assert {finding.kind for finding in findings} == {"term", "missing-phrase"}
        # Names, titles and terms all have one of their accepted forms, so nothing is subtracted.
        texts = [refs[0] for refs in references.texts]
        for i, item in zip(places, SOUND, strict=True):
            texts[i] = item["text"]
        assert (metric.score(metric.statistics(texts, references)) == 1).all()
