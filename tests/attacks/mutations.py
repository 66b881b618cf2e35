"""A seeded mutator of files: bytes, lines, and values of JSON, each damaged in the ways files are damaged or made to hurt."""

from __future__ import annotations

import codecs
import gzip
import json
from collections.abc import Iterator
from random import Random
from typing import Any

__all__ = ["mutants"]

#: What takes the place of a value, or stands in its middle.
HOSTILE = (
    b"", b"null", b"-1", b"0", b"1e999", b"NaN", b"-Infinity", b"9" * 400, b"9" * 5000, b"1." + b"0" * 400, "²".encode(),
    b"true", b'""', b"[]", b"{}", b"[" * 2000, b'{"a":' * 500, b'"\\ud800"', b"\x00", b"\xff\xfe", codecs.BOM_UTF8, b"\r",
    "\u2028".encode(), "\u202e".encode(), b"\x1b[2J", b"::error::", b"=1+1", b"\t", b",", b'"', b"'", b"<", b"&a;", b"]]>",
    b"<!DOCTYPE a [<!ENTITY a 'b'>]>", b"!!timestamp x", b"!!python/object:os.system", b"&a [*a]", b"1_000", b"0x10",
    b"2022-02-30", b"9999999-01-01", "一".encode() * 3000, b" " * 5000, b"../../etc/passwd", b"{{1}}", b"%s%n",
)  # fmt: skip
#: What takes the place of a value of a JSON document.
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 10**400, 2**63, "", "x", "²", "\u202e", [], {}, [None], {"": None}, [[[[]]]], "9" * 5000, 1e308,
)  # fmt: skip


def mutants(seed: bytes, random: Random) -> Iterator[bytes]:
    """Endless variants of a file."""
    try:
        document: Any = json.loads(seed)
    except ValueError:
        document = None
    while True:
        how = random.randrange(10)
        if how < 3 and isinstance(document, dict | list):
            data = json.dumps(_with_other_value(document, random), ensure_ascii=False).encode("utf-8", "surrogatepass")
        elif how < 5 and b"\n{" in b"\n" + seed:
            data = _with_other_line(seed, random)
        else:
            data = seed
            for _ in range(random.choice((1, 1, 1, 2, 5))):
                data = _damaged(data, random)
        yield data


def _with_other_value(document: Any, random: Random) -> Any:
    """The document with one value, anywhere, replaced or left out, or one key doubled."""
    copy = json.loads(json.dumps(document))
    places = list(_places(copy))
    if not places:
        return random.choice(VALUES)
    inner, key = random.choice(places)
    if isinstance(inner, dict) and random.random() < 0.1:
        del inner[key]
    elif random.random() < 0.2 and isinstance(inner[key], str | int):
        inner[key] = random.choice(("x" + str(inner[key]), str(inner[key]), [inner[key]], {"x": inner[key]}))
    else:
        inner[key] = random.choice(VALUES)
    return copy


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


def _with_other_line(seed: bytes, random: Random) -> bytes:
    lines = seed.split(b"\n")
    i = random.randrange(len(lines))
    try:
        lines[i] = json.dumps(_with_other_value(json.loads(lines[i]), random), ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )
    except ValueError:
        lines[i] = random.choice(HOSTILE)
    return b"\n".join(lines)


def _damaged(data: bytes, random: Random) -> bytes:
    a, b = sorted((random.randrange(len(data) + 1), random.randrange(len(data) + 1)))
    match random.randrange(11):
        case 0:
            return data[:a]
        case 1:
            return data[:a] + data[b:]
        case 2:
            return data[:a] + random.choice(HOSTILE) + data[a:]
        case 3:
            b = min(len(data), a + random.choice((1, 2, 8)))
            return data[:a] + random.choice(HOSTILE) + data[b:]
        case 4 if data:
            a = min(a, len(data) - 1)
            return data[:a] + bytes([random.randrange(256)]) + data[a + 1 :]
        case 5 if data:
            a = min(a, len(data) - 1)
            return data[:a] + bytes([data[a] ^ 1 << random.randrange(8)]) + data[a + 1 :]
        case 6:
            lines = data.split(b"\n")
            lines.insert(random.randrange(len(lines)), random.choice(lines))
            return b"\n".join(lines)
        case 7:
            lines = data.split(b"\n")
            random.shuffle(lines)
            return b"\n".join(lines)
        case 8:
            text = data.decode("utf-8", "replace")
            return text.encode(random.choice(("utf-16", "utf-32", "gb18030", "latin-1", "cp1252")), "replace")
        case 9:
            return random.choice(
                (
                    codecs.BOM_UTF8 + data,
                    data.replace(b"\n", b"\r\n"),
                    data.replace(b"\n", b"\r"),
                    gzip.compress(data, mtime=0),
                )
            )
        case _:
            return data[:a] + data[a:b] * random.choice((2, 20)) + data[b:]
