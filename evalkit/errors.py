"""The errors of evalkit.

::

    EvalkitError
    ├── InputError            a file, a record or an argument is wrong (exit code 2)
    │   ├── OutputsError      a system's outputs
    │   ├── BenchmarkError    a benchmark or the authored references
    │   └── RunFolderError    a saved run: missing, truncated or altered
    ├── SettingError          an unknown name, or a setting that would score wrongly (exit code 2)
    ├── IncomparableError     runs of different benchmarks or signatures (exit code 3)
    └── ResourceError         the environment failed: a full disk, an I/O error (exit code 4)

Every message names the file, the line or the id, says what is wrong there and what to do about it.
"""

from collections.abc import Iterable
from numbers import Integral


class EvalkitError(Exception):
    """Anything evalkit refuses to do; ``exit_code`` is what the command line ends with."""

    exit_code = 2


class InputError(EvalkitError, ValueError):
    """A file, a record or an argument is wrong."""


class ResourceError(EvalkitError):
    """The environment failed, and no other argument would help: a full disk, an I/O error, no memory."""

    exit_code = 4


class OutputsError(InputError):
    """The outputs of a system do not fit the benchmark."""


class BenchmarkError(InputError):
    """A benchmark, or an authored reference file, is wrong."""


class RunFolderError(InputError):
    """A saved run is missing something, cut short or altered."""


class SettingError(EvalkitError, ValueError):
    """An unknown metric, setting, task or language, or a setting that would score wrongly."""


class IncomparableError(EvalkitError, ValueError):
    """Two runs that cannot be compared: other data, other signatures."""

    exit_code = 3


def interrupt_in(error: BaseException | None) -> KeyboardInterrupt | None:
    """Return the interrupt that caused an error, if any: before 3.12, Python sometimes turns it into a RuntimeError."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


def did_you_mean(name: str, known: Iterable[str], *, cutoff: float = 0.6, quoted: bool = False) -> str:
    """The end of a message about an unknown name: ``; did you mean X?``, or nothing if no known name is similar.

    Upper and lower case are not distinguished.

    :param cutoff: the smallest similarity that counts, 0 to 1.
    :param quoted: whether names are in quotation marks, for names that may contain spaces.
    """
    import difflib

    by_folded = {k.casefold(): k for k in known}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=cutoff)
    if not near:
        return ""
    nearest = by_folded[near[0]]
    return f"; did you mean {nearest!r}?" if quoted else f"; did you mean {nearest}?"


def check_whole_number(name: str, value: object, least: int) -> None:
    """:raises SettingError: if the value is not a whole number of at least this size."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise SettingError(f"{name} is {value!r}, not a whole number of at least {least}")


def few(names: Iterable[object], most: int = 12, *, longest: int = 40) -> str:
    """The first few of the names, for a message, and how many more there are.

    :param longest: a longer name is cut.
    """
    listed = [name if len(name) <= longest else f"{name[: longest - 3]}..." for name in map(str, names)]
    more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
