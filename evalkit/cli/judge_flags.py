"""Options for an LLM judge, shared by the commands that use one; the only module that reads its URL and key."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.cli.options import gathered
from evalkit.errors import ResourceError, SettingError
from evalkit.wording import count

if TYPE_CHECKING:
    from evalkit.models.chat import Estimate
    from evalkit.models.judge_options import JudgeOptions
    from evalkit.models.runtime import Runtime


def _price(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[float, float] | None:
    if value is None:
        return None
    try:
        low, high = (float(part) for part in value.split("/"))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not INPUT/OUTPUT, such as 0.4/1.6") from None
    return low, high


#: Adds the judge options to a command, which receives them as one mapping, ``judge``: the fields of JudgeOptions, and
#: ``dry_run``, which is handled by the command itself.
judge_flags = gathered(
    "judge",
    dict,
    click.option(
        *("--judge-url", "url"),
        metavar="URL",
        help="Base URL of the judge's server. The API key is read from EVALKIT_JUDGE_KEY or OPENAI_API_KEY.  "
        "[default: EVALKIT_JUDGE_URL, OPENAI_BASE_URL or OpenAI]",
    ),
    click.option(
        *("--judgements", "folder"),
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        help="Folder that stores the judge's replies and reuses them.  [default: the user's cache]",
    ),
    click.option("--replay", is_flag=True, help="Use stored judgements only and make no calls."),
    click.option("--dry-run", is_flag=True, help="Print the number and cost of the judge's calls, and stop."),
    click.option("--max-calls", type=click.IntRange(0), help="Stop after this number of requests to the judge."),
    click.option("--max-cost", type=float, help="Stop before the judge exceeds this cost; the price must be known."),
    click.option(
        "--judge-price", "price", callback=_price, metavar="IN/OUT", help="Price per million tokens: 0.4/1.6."
    ),
    click.option("--judge-concurrency", "concurrency", type=int, help="Maximum concurrent calls.  [default: 8]"),
    click.option("--judge-rpm", "requests_per_minute", type=float, help="Maximum requests per minute."),
    click.option("--judge-tpm", "tokens_per_minute", type=float, help="Maximum tokens per minute."),
    click.option("--judge-timeout", "timeout", type=float, help="Time limit for one call in seconds.  [default: 120]"),
    click.option("--judge-deadline", "deadline", type=float, help="Time limit for all calls in seconds."),
    click.option("--judge-retries", "retries", type=int, help="Maximum retries of a failed call.  [default: 5]"),
)


def judge_options_of(flags: Mapping[str, Any], cache: Path | None, *, asked: bool) -> JudgeOptions | None:
    """Return the judge options of a command that uses a judge; ``cache`` is the folder of the user's caches."""
    values = {field: value for field, value in flags.items() if value is not None and value is not False}
    if not asked:
        used = [p.opts[0] for p in click.get_current_context().command.params if p.name in values]
        if used:
            advice = "name one with -m 'Judge(rubric=mqm,model=openai:NAME)'"
            raise SettingError(f"{', '.join(used)}: no judge is used; {advice}")
        return None
    from evalkit.models.judge_options import OPENAI_URL, JudgeOptions

    values.pop("dry_run", None)
    values.setdefault("url", _first_set("EVALKIT_JUDGE_URL", "OPENAI_BASE_URL") or OPENAI_URL)
    if cache is not None and not flags["replay"]:
        values.setdefault("folder", cache / "judgements")
    return JudgeOptions(key=_first_set("EVALKIT_JUDGE_KEY", "OPENAI_API_KEY"), **values)


def _first_set(*names: str) -> str | None:
    return next((os.environ[name].strip() for name in names if os.environ.get(name, "").strip()), None)


def print_estimates(estimates: Iterable[tuple[str, Estimate]]) -> None:
    """Print what using a judge would cost, one line for each estimate."""
    for what, estimate in list(estimates):  # nothing is printed if one of them cannot be made
        cost = "cost unknown (--judge-price)" if estimate.cost is None else f"cost about {estimate.cost:.2f}"
        calls = f"{count(estimate.calls, 'call')} ({count(estimate.stored, 'judgement')} stored)"
        tokens = f"{estimate.usage.input:,} input and {count(estimate.usage.output, 'output token')}"
        click.echo(f"{what}: {calls}, about {tokens}, {cost}")


def print_spent(options: JudgeOptions | None) -> None:
    """Print the cost of the judge, if it was used."""
    if options is None:
        return
    from evalkit.models.judge_session import session_of

    if session_of(options).budget.calls:
        click.echo(f"judge: {session_of(options).spent}", err=True)


def check_answered(runtime: Runtime) -> None:
    """:raises ResourceError: if all judgements of a judge failed, and none of them because of a limit that the user set."""
    for judge, note in runtime.record.items():
        failed = note.get("failed") or {}
        limited = any(why.startswith("not judged: --") for why in failed)
        if failed and sum(failed.values()) == note.get("judgements") and not limited:
            reason = max(failed, key=lambda why: failed[why])
            again = "run again without --replay" if runtime.judge and runtime.judge.replay else "run again"
            raise ResourceError(f"{judge} could not judge any output: {reason}; {again} to retry")


def shown_value(option: str, value: Any) -> Any:
    """Return the value of an option for a run folder or report; omits the judge's URL, which may contain a secret."""
    return "URL" if option.lstrip("-").replace("_", "-") == "judge-url" else value


def shown_command() -> list[str]:
    """Return the command line for a run folder or report, with each value passed through :func:`shown_value`."""
    words = ["evalkit"]
    for argument in sys.argv[1:]:
        option, equals, value = argument.partition("=")
        if equals and option.startswith("--"):
            words.append(f"{option}={shown_value(option, value)}")
        else:
            words.append(shown_value(words[-1], argument))
    return words
