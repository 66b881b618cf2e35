"""A report in a browser: open it, look at it, press keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evalkit.reports import render_as
from evalkit.results.results import Results


class Keys:
    """Keys as the browser's driver writes them."""

    TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"


class Page:
    """One window."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver, self.folder = driver, folder
        self.emulate()

    def emulate(self, *, width: int = 1400, height: int = 1000, dark: bool = False, print_: bool = False) -> None:
        """A size, a colour scheme, a medium."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        media = "print" if print_ else ""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def show(self, results: Results, fragment: str = "", **options: Any) -> Page:
        return self.load(render_as(results, "html", **options), fragment)

    def load(self, html: str, fragment: str = "") -> Page:
        """Open a page from disk, anew."""
        self.file = self.folder / "report.html"
        self.file.write_text(html, encoding="utf-8")
        self.driver.get("about:blank")
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.driver.get(self.file.as_uri() + fragment)
        return self

    def go(self, fragment: str) -> None:
        """Change the address and wait until the page shows it."""
        self.js("location.hash = arguments[0]", fragment)
        self.wait("return document.body.dataset.address === location.hash")

    def wait(self, condition: str, *arguments: Any) -> Any:
        """What a script returns, once it is true."""
        from selenium.webdriver.support.wait import WebDriverWait

        return WebDriverWait(self.driver, 20, 0.02).until(lambda d: d.execute_script(condition, *arguments))

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def all(self, selector: str) -> list[Any]:
        found: list[Any] = self.driver.find_elements("css selector", selector)
        return found

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def texts(self, selector: str) -> list[str]:
        """The texts of what is to be seen, as the document has them."""
        script = "return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility()).map(e => e.textContent)"
        found: list[str] = self.js(script, selector)
        return found

    def keys(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def hover(self, element: Any) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).move_to_element(element).perform()

    def focused(self) -> str:
        text: str = self.js("return document.activeElement.textContent.trim()")
        return text

    def tab_to(self, selector: str, limit: int = 60) -> None:
        """Press Tab until what the selector names has the focus."""
        for _ in range(limit):
            self.keys(Keys.TAB)
            if self.js("return document.activeElement.matches(arguments[0])", selector):
                return
        raise AssertionError(f"{limit} times Tab do not lead to {selector}")

    def requests(self) -> list[str]:
        """Every address the window has asked for since it was loaded."""
        events = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """What the browser's console says."""
        return [entry["message"] for entry in self.driver.get_log("browser")]
