"""YAML as plain values; a key that is given twice in one mapping is refused."""

import re
from pathlib import Path
from typing import Any

from evalkit.errors import InputError


def parse_yaml(text: str, path: Path) -> tuple[Any, list[int]]:
    """The value of a YAML document and, if it is a list, the line on which each item begins.

    Only plain decimal numbers are read as such: the id 010 is not 8.

    :param path: the file that the text is from, for messages.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            if doubled := next((key for key in keys if keys.count(key) > 1), None):
                where = f"{path}:{node.start_mark.line + 1}"
                raise InputError(f"{where}: the key {doubled!r} is given twice in one mapping")
            return super().construct_mapping(node, deep=deep)

        def construct_number(self, node: Any) -> int | str:
            text = str(self.construct_scalar(node))
            return int(text) if re.fullmatch("0|-?[1-9][0-9]*", text) else text

    Loader.add_constructor("tag:yaml.org,2002:int", Loader.construct_number)
    try:
        loader = Loader(text)
        root = loader.get_single_node()
        value = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(f"{path}:{mark.line + 1 if mark else 1}: bad YAML: {error.problem or error.context}") from None
    except InputError:
        raise
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        # PyYAML lets internal exceptions escape, for example for !!timestamp x.
        known = isinstance(error, yaml.YAMLError | ValueError)
        why = error if known else "a value is not what its tag says, or is nested too deeply"
        raise InputError(f"{path}: bad YAML: {why}") from None
    items = root.value if isinstance(root, yaml.SequenceNode) else []
    return value, [item.start_mark.line + 1 for item in items]
