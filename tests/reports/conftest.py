"""A headless Chromium for the tests of the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from .pages import Page

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --disable-default-apps --force-color-profile=srgb"
)


def _missing(what: str) -> NoReturn:
    """On a machine of one's own the page goes untested; in CI that must not pass unseen."""
    reason = f"{what}; the page is tested in Chromium (Debian: chromium chromium-driver fonts-noto-cjk)"
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason)
    pytest.skip(reason)


def _program(variable: str, *names: str) -> str:
    found = os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)
    return found or _missing(f"no {names[0]} on the path")


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        _missing("selenium is not installed")
    binary = _program("EVALKIT_CHROMIUM", "chromium", "chromium-browser", "google-chrome")
    service = Service(_program("EVALKIT_CHROMEDRIVER", "chromedriver"))
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def page(driver: Any, tmp_path: Path) -> Page:
    return Page(driver, tmp_path)


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, from whichever installed package carries the newest."""
    from importlib.metadata import PackageNotFoundError, files

    given = os.environ.get("EVALKIT_AXE")
    if given:
        return Path(given).read_text(encoding="utf-8")
    for package in ("axe-playwright-python", "axe-core-python"):
        try:
            scripts = [f for f in files(package) or () if f.name == "axe.min.js"]
        except PackageNotFoundError:
            continue
        if scripts:
            return scripts[0].read_text(encoding="utf-8")
    _missing("axe-core is not installed: pip install --no-deps axe-playwright-python")
