"""Registered names as hands type them: as they are, with what workbooks add to names, with spaces."""

from __future__ import annotations

from synthetic.name_variants.writer import Asked, NameWriter, is_any

# What is no part of a name; `{}` is the name.
_STATUSES = (
    "{}-已转出",
    "（已转出）{}",
    "{}（已终止）",
    "{}（注销）",
    "{}——保留",
    "{}—转移",
    "{}-养老",
    "{}-A",
    "{}（团托）",
    "{}及下属子企业",
)
_SPACES = (" ", "\u3000", "  ", "\n", "\t", "\u00a0")


def exact(writer: NameWriter) -> Asked:
    """The registered name."""
    firm = writer.draw(is_any)
    return writer.written(firm.name, firm)


def status(writer: NameWriter) -> Asked:
    """With what workbooks add to names."""
    firm = writer.draw(is_any)
    raw = writer.chance.choice(_STATUSES).format(firm.name.text)
    return writer.written(firm.name, firm, raw=raw)


def spaces(writer: NameWriter) -> Asked:
    """With spaces, or brackets and letters of another width."""
    firm = writer.draw(is_any)
    text = firm.name.text
    if writer.chance.random() < 0.3:
        text = text.replace("（", "(").replace("）", ")")
    if writer.chance.random() < 0.2:
        text = "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() else sign for sign in text)
    at = writer.chance.choice((0, len(text), len(text), writer.chance.randrange(len(text))))
    return writer.written(firm.name, firm, raw=text[:at] + writer.chance.choice(_SPACES) + text[at:])
