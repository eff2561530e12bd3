"""The texts of a workbook's cells, which stand in a part of their own and are numbered."""

from __future__ import annotations

import re
from xml.parsers import expat

from eqcbatch.source.excel.xlsx_package import plain_markup

_ITEM = re.compile(rb"<(?:\w+:)?si(?:\s[^>]*)?(?:/>|>(.*?)</(?:\w+:)?si\s*>)", re.DOTALL)
_PLAIN = re.compile(rb"<(?:\w+:)?t(?: xml:space=\"preserve\")?>([^<]*)</(?:\w+:)?t>")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how a character is written that XML may not hold
_REFERENCE = re.compile(rb"&(?:#(\d+)|#x([0-9A-Fa-f]+)|(\w+));")
_NAMED = {b"amp": "&", b"lt": "<", b"gt": ">", b"quot": '"', b"apos": "'"}


class SharedStrings:
    """Texts by their numbers, each decoded when it is first asked for."""

    def __init__(self, xml: bytes = b"") -> None:
        self._xml = b"".join(plain_markup(iter((xml,))))
        self._items = [found.span(1) for found in _ITEM.finditer(self._xml)]
        self._texts: dict[int, str] = {}

    def __getitem__(self, number: int) -> str:
        text = self._texts.get(number)
        if text is None:
            if not 0 <= number < len(self._items):
                raise ValueError(f"a cell holds the text number {number:,}, of {len(self._items):,}")
            begin, end = self._items[number]
            text = self._texts[number] = rich_text(self._xml[begin:end])
        return text


def rich_text(xml: bytes) -> str:
    """Return the text of an element's content: of its runs, without what says how they sound."""
    plain = _PLAIN.fullmatch(xml)
    if plain:
        return text_in(plain[1])
    pieces: list[str] = []
    depth: list[str] = []

    def start(tag: str, _attributes: dict[str, str]) -> None:
        depth.append(tag.rpartition(":")[2])

    def end(_tag: str) -> None:
        depth.pop()

    def data(text: str) -> None:
        if depth[-1] == "t" and "rPh" not in depth:
            pieces.append(text)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.Parse(b"<si>%b</si>" % xml, True)
    return unescaped("".join(pieces))


def text_in(xml: bytes) -> str:
    """Return XML's character data as text."""
    if b"&" in xml:
        xml = _REFERENCE.sub(_character, xml)
    if b"\r" in xml:
        xml = xml.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return unescaped(xml.decode())


def unescaped(text: str) -> str:
    """Return a text in which `_x000D_` and its like are the characters that they mean.

    Two of them may be the halves of one character; half a character is `\ufffd`.
    """
    if "_x" not in text:
        return text
    halves = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(found: re.Match[bytes]) -> bytes:
    decimal, hexadecimal, name = found.groups()
    if name:
        if name not in _NAMED:
            raise ValueError(f"it has the unknown entity {name.decode()}")
        return _NAMED[name].encode()
    return chr(int(decimal or hexadecimal, 10 if decimal else 16)).encode()
