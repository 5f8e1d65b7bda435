"""Opens pages of the report site and sees what a reader would see."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

# What a chart of Vega draws data with; groups, axes and titles are paths and texts of their own roles.
MARKS = ".mark-rect path, .mark-line path, .mark-symbol path, .mark-rule line"


@dataclass
class Visit:
    """A page, what went wrong on it, and what it asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: Path, fragment: str = "", draw: bool = True) -> None:
        """Opens a page, and has every chart drawn, unless only figures are wanted."""
        self.page.goto("about:blank")  # a change of the fragment alone would not load it anew
        self.page.goto(path.as_uri() + (f"#{fragment}" if fragment else ""))
        self.page.wait_for_selector("html[data-ready]")
        if draw:
            self.draw_all()

    def draw_all(self) -> None:
        """Has every chart drawn, also below the fold: as printing does."""
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        self.page.wait_for_function("document.querySelectorAll('.plot:not([data-drawn])').length === 0")

    def outgoing(self) -> list[str]:
        """Requests that leave the machine."""
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:", "about:"))]

    def value(self, measure: str) -> float | None:
        """The figure of a tile, as it is before it is rounded for reading."""
        text = self.page.locator(f".value[data-measure='{measure}']").get_attribute("data-value")
        return float(text) if text else None


@contextmanager
def visiting(browser: Browser, width: int = 1440, **options: object) -> Iterator[Visit]:
    """A fresh profile with a window of a width."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    visit = Visit(context.new_page())
    visit.page.on("console", lambda message: _note(visit, message.type, message.text))
    visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
    visit.page.on("requestfailed", lambda request: visit.errors.append(f"not loaded: {request.url}"))
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    try:
        yield visit
    finally:
        context.close()


def _note(visit: Visit, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        visit.errors.append(text)
