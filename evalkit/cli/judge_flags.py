"""Options for an LLM judge, shared by the commands that use one; the only module that reads its URL and key."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.errors import SettingError

if TYPE_CHECKING:
    from evalkit.models.chat import Estimate
    from evalkit.models.judge_options import JudgeOptions

__all__ = ["estimate_text", "judge_flags", "judge_options_of", "print_spent", "shown_command", "shown_value"]


def _price(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[float, float] | None:
    if value is None:
        return None
    try:
        low, high = (float(part) for part in value.split("/"))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not INPUT/OUTPUT, such as 0.4/1.6") from None
    return low, high


def judge_flags(command: Any) -> Any:
    """Add the judge options to a command, which receives them as one mapping, ``judge``."""
    options = [
        click.option(
            "--judge-url",
            metavar="URL",
            help="Base URL of the server of a judge; else EVALKIT_JUDGE_URL, OPENAI_BASE_URL or OpenAI's. The key comes from "
            "EVALKIT_JUDGE_KEY or OPENAI_API_KEY.",
        ),
        click.option(
            "--judgements",
            metavar="FOLDER",
            type=click.Path(path_type=Path),
            help="Where the judge's replies are kept, and looked up before any call.  [default: the user's cache]",
        ),
        click.option("--replay", is_flag=True, help="Take every judgement from --judgements and make no call."),
        click.option("--dry-run", is_flag=True, help="Print how many calls a judge would take, and stop."),
        click.option("--max-calls", type=click.IntRange(0), help="Stop asking the judge after so many requests."),
        click.option("--max-cost", type=float, help="Stop asking the judge before this cost; needs a known price."),
        click.option(
            "--judge-price",
            callback=_price,
            metavar="IN/OUT",
            help="Price per million input and output tokens, such as 0.4/1.6.",
        ),
        click.option("--judge-concurrency", type=int, help="Calls at once.  [default: 8]"),
        click.option("--judge-rpm", type=float, help="Requests per minute."),
        click.option("--judge-tpm", type=float, help="Tokens per minute."),
        click.option("--judge-timeout", type=float, help="Seconds for one call.  [default: 120]"),
        click.option("--judge-deadline", type=float, help="Seconds for all calls."),
        click.option("--judge-retries", type=int, help="How often a failed call is repeated.  [default: 5]"),
    ]

    @functools.wraps(command)
    def wrapped(**values: Any) -> Any:
        return command(judge={name: values.pop(name) for name in _NAMES}, **values)

    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


#: Maps parameters of the command to fields of JudgeOptions; dry_run is handled by the command itself.
_NAMES = {
    "judge_url": "url",
    "judgements": "folder",
    "replay": "replay",
    "dry_run": None,
    "max_calls": "max_calls",
    "max_cost": "max_cost",
    "judge_price": "price",
    "judge_concurrency": "concurrency",
    "judge_rpm": "requests_per_minute",
    "judge_tpm": "tokens_per_minute",
    "judge_timeout": "timeout",
    "judge_deadline": "deadline",
    "judge_retries": "retries",
}


def judge_options_of(flags: Mapping[str, Any], cache: Path | None, *, asked: bool) -> JudgeOptions | None:
    """Return the options of the judge that a command uses; None if it uses none.

    :param cache: folder of the user's caches; None to cache nothing.
    :param asked: whether the command uses a judge.
    :raises SettingError: if judge options are given without a judge, or a URL or number is invalid.
    """
    if not asked:
        used = [f"--{name.replace('_', '-')}" for name in _NAMES if _is_given(flags[name])]
        if used:
            raise SettingError(
                f"{', '.join(used)}: there is no judge to ask; name one with -m 'Judge(rubric=mqm,model=openai:NAME)'"
            )
        return None
    from evalkit.models.judge_options import OPENAI_URL, JudgeOptions

    values = {field: flags[name] for name, field in _NAMES.items() if field and _is_given(flags[name])}
    values.setdefault("url", _first_set("EVALKIT_JUDGE_URL", "OPENAI_BASE_URL") or OPENAI_URL)
    if cache is not None and not flags["replay"]:
        values.setdefault("folder", cache / "judgements")
    return JudgeOptions(key=_first_set("EVALKIT_JUDGE_KEY", "OPENAI_API_KEY"), **values)


def _is_given(value: Any) -> bool:
    return value is not None and value is not False


def _first_set(*names: str) -> str | None:
    return next((os.environ[name].strip() for name in names if os.environ.get(name, "").strip()), None)


def estimate_text(what: str, estimate: Estimate) -> str:
    """Describe on one line what using a judge would cost."""
    cost = "cost unknown (--judge-price)" if estimate.cost is None else f"cost about {estimate.cost:.2f}"
    return (
        f"{what}: {estimate.calls:,} calls ({estimate.stored:,} judgements are stored), about {estimate.usage.input:,} input "
        f"and {estimate.usage.output:,} output tokens, {cost}"
    )


def print_spent(options: JudgeOptions | None) -> None:
    """Print the cost of the judge, if it was used."""
    if options is None:
        return
    from evalkit.models.judge_session import session_of

    if session_of(options).budget.calls:
        click.echo(f"judge: {session_of(options).spent}", err=True)


def shown_value(option: str, value: Any) -> Any:
    """Return the value of an option for a run folder or report; omits the judge's URL, which may contain a secret."""
    return "URL" if option.lstrip("-").replace("_", "-") == "judge-url" else value


def shown_command(arguments: Sequence[str] | None = None) -> list[str]:
    """Return the command line for a run folder or report, with each value passed through :func:`shown_value`."""
    words = ["evalkit"]
    for argument in sys.argv[1:] if arguments is None else arguments:
        option, equals, value = argument.partition("=")
        if equals and option.startswith("--"):
            words.append(f"{option}={shown_value(option, value)}")
        else:
            words.append(shown_value(words[-1], argument))
    return words
