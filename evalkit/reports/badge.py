"""``badge.json``: the verdict of a gate as a badge (https://shields.io/badges/endpoint-badge)."""

import json

from evalkit.gate.verdict import ChangeState, State, Verdict
from evalkit.wording import count


def render(verdict: Verdict) -> str:
    """Return the JSON of the badge endpoint: label, message and color."""
    if verdict.state is State.FAILED:
        message, color = f"{count(len(verdict.breaches), 'rule')} broken", "red"
    elif verdict.state is State.REFUSED:
        message, color = "not comparable", "lightgrey"
    elif verdict.state is State.INCONCLUSIVE:
        message, color = "inconclusive", "yellow"
    elif any(change.state is ChangeState.BETTER for change in verdict.changes):
        message, color = "better", "brightgreen"
    else:
        message, color = "passing", "green"
    badge = {
        "schemaVersion": 1,
        "label": "evalkit",
        "message": message,
        "color": color,
        "isError": verdict.failed or verdict.state is State.REFUSED,
    }
    return json.dumps(badge, ensure_ascii=False) + "\n"
