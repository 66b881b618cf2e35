"""``croissant.json``: the dataset in the JSON-LD vocabulary that dataset search engines read.

Format: http://mlcommons.org/croissant/1.1
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from references.tools.card import meaning

__all__ = ["croissant"]

# The standard context, term by term.
_TERMS = (
    "citeAs column equivalentProperty extract field fileProperty fileObject fileSet format includes isLiveDataset jsonPath key "
    "md5 parentField path recordSet references regex repeated replace samplingRate separator source subField transform "
    "isArray arrayShape"
)
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS.split()},
}
_TYPES = {"string": "sc:Text", "int32": "sc:Integer", "double": "sc:Float", "bool": "sc:Boolean"}


def croissant(
    folder: Path, columns: Mapping[str, Mapping[str, str]], configs: Sequence[str], versions: Mapping[str, str]
) -> str:
    """The file for the tables in ``data``.

    :param columns: Arrow types by config and column.
    :param configs: the configs that have rows; each is a record set.
    :param versions: by config.
    """
    files = [
        {
            "@type": "cr:FileObject",
            "@id": f"{config}.parquet",
            "name": f"{config}.parquet",
            "contentUrl": f"data/{config}.parquet",
            "encodingFormat": "application/x-parquet",
            "sha256": hashlib.sha256((folder / "data" / f"{config}.parquet").read_bytes()).hexdigest(),
        }
        for config in configs
    ]
    sets = [
        {
            "@type": "cr:RecordSet",
            "@id": config,
            "name": config,
            "description": f"Version {versions[config]}.",
            "key": {"@id": f"{config}/id"},
            "field": [_field(config, name, type_) for name, type_ in columns[config].items()],
        }
        for config in configs
    ]
    text = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "evalkit-references",
        "description": "Three articles of a Chinese philanthropy newspaper with two English translations of every block, Chinese "
        "and English summaries, facts, terms, quantities, contrasts and harmless variants. Everything but the articles was "
        "written by a large language model.",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "inLanguage": ["zh", "en"],
        "citeAs": "The evalkit authors: evalkit references, version 1.0.0, 2026",
        "creator": {"@type": "sc:Organization", "name": "The evalkit authors"},
        "datePublished": "2026-11-25",
        "version": "1.0.0",
        "isLiveDataset": False,
        "distribution": files,
        "recordSet": sets,
    }
    return json.dumps(text, ensure_ascii=False, indent=1) + "\n"


def _field(config: str, name: str, type_: str) -> dict[str, Any]:
    depth = type_.count("list<")
    array = {"isArray": True, "arrayShape": ",".join(["-1"] * depth)} if depth else {}
    return {
        "@type": "cr:Field",
        "@id": f"{config}/{name}",
        "name": name,
        "description": meaning(config, name),
        "dataType": _TYPES[type_.replace("list<", "").rstrip(">")],
        **array,
        "source": {"fileObject": {"@id": f"{config}.parquet"}, "extract": {"column": name}},
    }
