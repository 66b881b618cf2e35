"""The version of evalkit, and the origin of the installed copy."""

__version__ = "0.1.0"

#: The name to install. On the public index, the name "evalkit" without a suffix belongs to an unrelated project.
DISTRIBUTION = "evalkit-zh"

#: Packages that the numbers depend on.
_PACKAGES = ("numpy", "sacrebleu", "datasets", "pyarrow")


def versions() -> dict[str, str]:
    """Return the versions of everything that the numbers depend on, as far as it is installed.

    They are in the names of folders (PEP 376); ``importlib.metadata`` takes as long as reading the files of a small run.
    """
    import platform
    import sys
    from pathlib import Path

    folders: dict[str, str] = {}
    for place in sys.path:
        for folder in Path(place).glob("*-*.*-info"):
            package, version = folder.stem.split("-")[:2]
            folders.setdefault(package.lower(), version)
    own = {"evalkit": __version__, "python": platform.python_version()}
    return own | {package: folders[package] for package in _PACKAGES if package in folders}


def install_hint(extra: str) -> str:
    """Return a command that installs an extra, such as ``plot``, from the source of the installed copy."""
    import shlex

    wanted = f"{DISTRIBUTION}[{extra}]"
    url = _origin()
    known = f"pip install {shlex.quote(f'{wanted} @ {url}')}"
    return known if url else f"install {wanted} from where you installed evalkit"


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
