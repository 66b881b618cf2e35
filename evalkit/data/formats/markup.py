"""XML parsing without custom entities, and detection of the root element at the beginning of a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from evalkit.data.opening import Input
from evalkit.errors import InputError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


#: A prolog and the name of the first element. Takes linear time: no alternative can match in two ways.
_ROOT = re.compile(
    r"(?:\s|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\]\s*)?>)*<([A-Za-z][\w:.-]*)",
    re.DOTALL,
)

#: The language attribute of XML, in ElementTree's notation.
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def root_is(*names: str) -> Callable[[Input], bool]:
    """A sniffer for files whose first element has one of these names."""

    def sniff(file: Input) -> bool:
        root = _ROOT.match(file.beginning)
        return root is not None and root[1].rpartition(":")[2].lower() in names

    return sniff


def is_xml(file: Input) -> bool:
    """Whether the file declares itself as XML or HTML."""
    return bool(re.match(r"\s*<(\?xml|!DOCTYPE|html)\b", file.beginning, re.IGNORECASE))


def tree(file: Input) -> Element:
    """The root element of an XML file."""
    from xml.etree.ElementTree import ParseError, TreeBuilder, XMLParser

    text = file.text()
    if "<!ENTITY" in text:
        raise InputError(f"{file.name}: the XML file defines entities, which are not read")
    # The text is already decoded, regardless of the encoding in the prolog.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", lambda m: "\n" * m.group().count("\n"), text, count=1)
    parser = XMLParser(target=TreeBuilder())
    try:
        parser.feed(text)
        root: Element = parser.close()
    except ParseError as error:
        line, column = error.position
        raise InputError(f"{file.name}:{line}: not well-formed XML (column {column + 1}): {error}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file.name}: not readable XML: {error}") from None
    return root


def local_name(element: Element) -> str:
    """The tag without its namespace, in lowercase."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def text_of(element: Element) -> str:
    """All text in an element, with white space collapsed as in the line-aligned versions of the data sets.

    What TMX and XLIFF 1.2 keep of a document's own markup (``<ph>&lt;br/&gt;</ph>``) is left out.
    """
    return " ".join("".join(_parts(element)).split())


def _parts(element: Element) -> Iterator[str]:
    if local_name(element) not in _NATIVE_CODES:
        yield element.text or ""
        for child in element:
            yield from _parts(child)
            yield child.tail or ""


_NATIVE_CODES = ("bpt", "ept", "it", "ph", "ut")
