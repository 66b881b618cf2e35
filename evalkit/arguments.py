"""Checks the arguments of public functions against their annotations.

An argument of the wrong type is an :class:`~evalkit.errors.InputError` that says which one it is and what to give.
A value in another form is converted where its meaning is clear: numpy's numbers to Python's, a text to a path where only a
path is expected, and an array, a Series or a generator to a tuple where a sequence is expected. A text is never taken for
a sequence of characters. What is annotated as ``Iterable`` is left to the function, because it may be readable only once.
"""

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from evalkit.errors import InputError, few
from evalkit.wording import kind_of

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def checked(function: F, title: str = "") -> F:
    """Check the arguments of every call of a function, and convert them.

    :param title: what the function is called in messages; its name by default.
    """
    title = title or function.__name__

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        signature, types = _types_of(function)
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)  # Python's own error names what is missing or unknown
        for name, value in bound.arguments.items():
            if name in types:
                try:
                    bound.arguments[name] = types[name].convert(value)
                except _Wrong as wrong:
                    raise InputError(
                        f"{title}: {wrong.place.format(name)} is {_shown(wrong.value)}; give {wrong.expected}"
                    ) from None
        return function(*bound.args, **bound.kwargs)

    return cast(F, call)


def checked_fields(cls: type[T]) -> type[T]:
    """Check the arguments whenever a dataclass is created; a decorator above ``@dataclass``."""
    cls.__init__ = checked(cls.__init__, cls.__name__)  # type: ignore[method-assign]
    return cls


def plain(value: Any) -> Any:
    """A scalar of numpy, or a text of a class derived from ``str``, in Python's own type; anything else unchanged."""
    if isinstance(value, str):
        return value if type(value) is str else str.__str__(value)
    return value.item() if type(value).__module__ == "numpy" and not hasattr(value, "__len__") else value


class _Wrong(Exception):
    """A value of the wrong type. ``place`` says where it is, with ``{}`` for the name of the argument."""

    def __init__(self, value: Any, expected: str, place: str = "{}") -> None:
        super().__init__(expected)
        self.value, self.expected, self.place = value, expected, place


class _Type(NamedTuple):
    """What values of a type are called in messages, and the function that converts a value or raises :class:`_Wrong`."""

    one: str
    many: str
    convert: Callable[[Any], Any]


class _Unknown(type):
    """The type of names that only a type checker imports; their attributes are unknown as well."""

    def __getattr__(cls, name: str) -> type:
        return _Anything


class _Anything(metaclass=_Unknown):
    """Stands for a type that is not checked."""


_ANY = _Type("", "", lambda value: value)


@cache
def _types_of(function: Callable[..., Any]) -> tuple[inspect.Signature, dict[str, _Type]]:
    unknown: dict[str, Any] = {}
    while True:
        try:
            hints = get_type_hints(function, localns=unknown)
            break
        except NameError as error:
            unknown[str(error.name)] = _Anything
    signature = inspect.signature(function)
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL and name in hints:
            hints[name] = Sequence[hints[name]]  # type: ignore[valid-type]
    types = {name: _type_of(hint) for name, hint in hints.items() if name in signature.parameters}
    return signature, {name: type_ for name, type_ in types.items() if type_ is not _ANY}


def _type_of(hint: Any) -> _Type:
    """The type that an annotation describes; what is not described here is not checked."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union(parts)
    if origin in (Sequence, list, tuple):
        fixed = len(parts) if origin is tuple and parts[-1] is not Ellipsis else None
        return _sequence(_type_of(parts[0]), fixed, tuple if origin is tuple else Sequence)
    if origin in (Mapping, dict):
        return _mapping(*map(_type_of, parts))
    if origin is Callable or hint is Callable:
        return _of("a function", "functions", callable)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if origin is not None or not isinstance(hint, type) or hint in (object, _Anything, Any, Iterable):
        return _ANY
    public = getattr(sys.modules.get("evalkit"), hint.__qualname__, None) is hint
    module = "evalkit" if public else ".".join(part for part in hint.__module__.split(".") if part[0] != "_")
    name = f"{module}.{hint.__qualname__}".removeprefix("builtins.")
    return _of(f"an {name}" if name[0] in "aeiou" else f"a {name}", f"{name} objects", lambda v: isinstance(v, hint))


def _of(one: str, many: str, fits: Callable[[Any], bool], change: Callable[[Any], Any] = lambda value: value) -> _Type:
    def convert(value: Any) -> Any:
        value = plain(value)
        if not fits(value):
            raise _Wrong(value, one)
        return change(value)

    return _Type(one, many, convert)


def _is_path(value: Any) -> bool:
    if not isinstance(value, str | os.PathLike) or not str(value):
        return False
    try:
        return b"\0" not in os.fsencode(value)
    except UnicodeEncodeError:
        return False


_PLAIN = {
    str: _of("a text", "texts", lambda value: isinstance(value, str)),
    bool: _of("True or False", "True or False", lambda value: isinstance(value, bool)),
    int: _of("a whole number", "whole numbers", lambda v: isinstance(v, Integral) and not isinstance(v, bool), int),
    float: _of("a number", "numbers", lambda v: isinstance(v, Real) and not isinstance(v, bool)),
    Path: _of("a path", "paths", _is_path, Path),
}
_PATH_OR_TEXT = _of("a path", "paths", _is_path)


def _union(hints: Sequence[Any]) -> _Type:
    members = [_type_of(hint) for hint in hints if hint not in (NoneType, Path)]
    if Path in hints:
        members = [member for member in members if member is not _PLAIN[str]]
        members.append(_PATH_OR_TEXT if str in hints else _PLAIN[Path])
    if _ANY in members:
        return _ANY
    one, many = (" or ".join(dict.fromkeys(names)) for names in ([m.one for m in members], [m.many for m in members]))

    def convert(value: Any) -> Any:
        if value is None and NoneType in hints:
            return value
        inside: _Wrong | None = None
        for member in members:
            try:
                return member.convert(value)
            except _Wrong as wrong:
                inside = inside or (wrong if wrong.place != "{}" else None)
        raise inside or _Wrong(value, one)

    return _Type(one, many, convert)


def _sequence(item: _Type, size: int | None, kind: type) -> _Type:
    number = "a list" if size is None else f"a tuple of {size}"
    one = f"{number} of {item.many}" if item.many and size is None else f"{number} {item.many}".rstrip()

    def convert(values: Any) -> Any:
        table = hasattr(values, "iterrows") or hasattr(values, "to_pydict")
        if table or isinstance(values, str | bytes | bytearray | Mapping | Set) or not isinstance(values, Iterable):
            raise _Wrong(values, one)
        listed: Any = values if isinstance(values, kind) else tuple(values)
        if size is not None and len(listed) != size:
            raise _Wrong(values, one)
        return listed if item is _ANY else _if_changed(listed, tuple(_items(enumerate(listed), item)))

    return _Type(one, f"lists of {item.many}".removesuffix(" of "), convert)


def _mapping(key: _Type, item: _Type) -> _Type:
    def convert(values: Any) -> Any:
        if not isinstance(values, Mapping):
            raise _Wrong(values, "a mapping")
        names = []
        for name in values:
            try:
                names.append(key.convert(name))
            except _Wrong as wrong:
                raise _Wrong(name, wrong.expected, "a key of {}") from None
        given = (*values, *values.values())
        converted = (*names, *_items(values.items(), item))
        same = _if_changed(given, converted) is given
        return values if same else dict(zip(names, converted[len(names) :], strict=True))

    return _Type("a mapping", "mappings", convert)


def _items(values: Iterable[tuple[Any, Any]], item: _Type) -> Iterator[Any]:
    for place, value in values:
        try:
            yield item.convert(value)
        except _Wrong as wrong:
            where = f"[{place!r}]".replace("{", "{{").replace("}", "}}")
            raise _Wrong(wrong.value, wrong.expected, wrong.place.replace("{}", f"{{}}{where}", 1)) from None


def _if_changed(values: Sequence[Any], converted: Sequence[Any]) -> Sequence[Any]:
    """The converted values, or the very sequence that was given if they are the same."""
    return values if all(a is b for a, b in zip(values, converted, strict=True)) else converted


def _shown(value: Any) -> str:
    if isinstance(value, str | int | float) and value == value:
        return few([repr(value)])
    return "None" if value is None else kind_of(value)
