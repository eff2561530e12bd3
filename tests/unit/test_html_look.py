"""What can be known of the page's look without a browser: contrast, and that no sign hides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eqcbatch.domain.model import ExitReason, Held, Reason
from eqcbatch.render import html
from eqcbatch.render.html.labels import ENDINGS, HELD, REASONS, ending
from eqcbatch.safe_text import visible

STYLE = (Path(html.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{([^}]*--ink[^}]*)\}", STYLE)
)
AA_TEXT, AA_GRAPHIC = 4.5, 3.0


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "soft", "accent", "alarm"])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_texts_have_the_contrast_of_wcag_aa(theme: dict[str, str], text: str, ground: str) -> None:
    """On the page and on what is set in code, in both themes."""
    assert AA_TEXT <= contrast(theme[text], theme[ground])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["accent", "alarm", "grey"])
def test_what_is_drawn_stands_out_from_the_page(theme: dict[str, str], kind: str) -> None:
    """Lines and bars that carry meaning."""
    assert AA_GRAPHIC <= contrast(theme[kind], theme["paper"])


def test_the_style_asks_for_nothing_from_outside() -> None:
    """No import, no address, no font file."""
    assert not re.search(r"@import|url\(|@font-face|https?:", STYLE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("中国平安", "中国平安"),
        ("第一行\n第二行\t\x1b[31m\x00", "第一行␊第二行␉␛[31m␀"),
        ("\x7f\x85", "␡[U+0085]"),
        ("\u202e右到左\u202c", "[U+202E]右到左[U+202C]"),
        ("零宽\u200b\ufeff", "零宽[U+200B][U+FEFF]"),
        ("路\udce4径", "路[U+DCE4]径"),
        ("شركة 😀👨‍👩‍👧 é", "شركة 😀👨‍👩‍👧 é"),
    ],
)
def test_no_sign_hides(text: str, shown: str) -> None:
    """Controls and marks of direction are shown; scripts, emoji and accents stay as they are."""
    assert shown == visible(text)


def test_every_ending_reason_and_hold_has_words() -> None:
    """What the ledger may hold is never shown as a bare code, save what is of a later version."""
    assert {*ExitReason, "died"} == {*ENDINGS}
    assert {*Reason} == {*REASONS}
    assert {*Held} == {*HELD}
    assert ("nothing left to ask", "running, or died", "later") == (
        ending("queue_empty"), ending(None), ending("later"),
    )  # fmt: skip
