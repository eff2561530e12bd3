"""HTML pages for tests: what a reader sees of them, and what a browser would fetch or run."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

_VOID = frozenset(("meta", "link", "br", "hr", "img", "input"))
_CELLS = frozenset(("th", "td", "dt", "dd"))
_UNREAD = frozenset(("style", "script"))


class Page(HTMLParser):
    """A page, parsed: its elements by tag, and the text of each part that has an id.

    attributes: of every element, by tag. contents: of `style` and `script`. texts: by id, "" is the whole
    page. unclosed: tags that were not closed in order.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: dict[str, list[dict[str, str | None]]] = defaultdict(list)
        self.contents: dict[str, list[str]] = defaultdict(list)
        self.texts: dict[str, str] = defaultdict(str)
        self.unclosed: list[str] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()

    @classmethod
    def of(cls, path: Path | str) -> Page:
        """Read a file."""
        return cls(Path(path).read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.attributes[tag].append(dict(attrs))
        if tag not in _VOID:
            self._open.append((tag, dict(attrs).get("id")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of SVG that closes itself."""
        self.attributes[tag].append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, which should be the one opened last."""
        if tag in _CELLS:
            self.handle_data(" ")
        if not self._open or self._open.pop()[0] != tag:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        """Add to the text of every part that is open."""
        inner = self._open[-1][0] if self._open else ""
        if inner in _UNREAD:
            self.contents[inner].append(data)
            return
        for part in {"", *(part for _, part in self._open if part)}:
            self.texts[part] += data

    def says(self, part: str = "") -> str:
        """The text of a part, its white space as one blank each."""
        return " ".join(self.texts[part].replace("\u00a0", " ").split())

    def policy(self) -> dict[str, str]:
        """The Content-Security-Policy, by directive."""
        content = next(
            one["content"]
            for one in self.attributes["meta"]
            if one.get("http-equiv") == "Content-Security-Policy"
        )
        return {
            name: value
            for name, _, value in (part.strip().partition(" ") for part in (content or "").split(";"))
        }


def source_hash(text: str) -> str:
    """How a Content-Security-Policy names a script or a style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
