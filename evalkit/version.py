"""The version of evalkit, and the origin of the installed copy."""

from __future__ import annotations

__all__ = ["DISTRIBUTION", "__version__", "install_hint"]

__version__ = "0.1.0"

#: The name to install. On the public index, the name "evalkit" without a suffix belongs to an unrelated project.
DISTRIBUTION = "evalkit-zh"


def install_hint(extra: str) -> str:
    """Return a command that adds an extra to the installed copy, using the recorded origin if there is one.

    :param extra: such as ``plot``.
    """
    import shlex

    wanted = f"{DISTRIBUTION}[{extra}]"
    url = _origin()
    if url is None:
        return f"install {wanted} from where you installed evalkit"
    return f"pip install {shlex.quote(f'{wanted} @ {url}')}"


def _origin() -> str | None:
    """Return the URL that the installed copy came from (PEP 610), in requirement format; None if not recorded."""
    import json
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import urlsplit

    try:
        origin = json.loads(distribution(DISTRIBUTION).read_text("direct_url.json") or "")
        url, vcs, folder = origin["url"], origin.get("vcs_info"), origin.get("subdirectory")
        if not url.isprintable() or "@" in urlsplit(url).netloc:
            return None  # a URL with credentials is not displayed
        if vcs:
            url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    except (PackageNotFoundError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return f"{url}#subdirectory={folder}" if folder else str(url)
