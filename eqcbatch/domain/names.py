"""What a customer is called: the key in the index, the question to EQC, and which ids are none.

All of it is pure and total: any text, lone surrogates included, gives a value, never an error.
The facts behind it are docs/domain.md sections 4 and 5.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable
from functools import cache
from numbers import Integral

from eqcbatch.domain.simplified import simplified

MAX_KEY_LENGTH = 255  # lookup_key is varchar(255) in enrichment_index
MAX_ID_LENGTH = 100  # company_id is varchar(100) there

_PROTECTED = "保留账户管理"
_PLACEHOLDERS = frozenset(("null", "NULL", "空白", "无", "N/A", "n/a", "-", "--", "—", "——"))
_SUBSIDIARIES = "及下属子企业"
_STATUS_WORDS = (
    "已转出 待转出 待转移 终止 转出 转移 保留 暂停 注销 清算 解散 吊销 撤销 停业 歇业 关闭 迁出 "
    "迁入 变更 合并 分立 破产 重整 托管 接管 整顿 清盘 退出 终结 结束 完结 已作废 作废 存量 原 "
    "转移终止 已终止 保留账户 已转移终止 本部 未使用 集合 企业年金计划"
)
# Longest first; the sort is stable, so equal lengths keep the order of section 5.1.
_MARKERS = sorted(_STATUS_WORDS.split(), key=len, reverse=True)

_SURROGATE = re.compile("[\ud800-\udfff]")
# Nobody sees them, and nobody means them: soft hyphens, zero widths, byte order marks, marks of direction.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

# Patterns say \Z for "at the end": $ would also match before a final line break.
_QUOTES = re.compile('[「」『』"]')
_LEADING_GROUP = re.compile(r"^[（(][^）)]*[）)]")
_SUFFIX = re.compile(r"(?:\(团托\)|（团托）|-[A-Za-z][A-Za-z0-9]*|-\d+|-养老|-福利)\Z")
_ANY_MARKER = f"(?:{'|'.join(_MARKERS)})"
_MARKER_FIRST = re.compile(rf"[（(]?{_ANY_MARKER}")  # what the patterns of some marker need
_MARKER_LAST = re.compile(rf"[—\-（(]{_ANY_MARKER}[）)]?\Z")
# Ideographs alone, and no marker first: rules 3 to 10 leave it as it is, but for one word of rule 5.
_PLAIN = re.compile(rf"(?!{_ANY_MARKER})[\u4e00-\u9fff]+")
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff]+")
_TRAILING_GROUP = re.compile(r"[（(]([^）)]+)[）)]\Z")
_LEGAL_FORM = re.compile(
    "特殊普通合伙|普通合伙|有限合伙|有限公司|个人独资|全民所有制|集体所有制|股份合作|个体工商户"
)
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FULL_WIDTH = re.compile(r"[\uFF01-\uFF5E]")  # all that _HALF_WIDTH changes
_KEY_WIDTH = _HALF_WIDTH | str.maketrans("()（）", "（）（）")
_OTHER_WIDTH = re.compile(r"[()\uFF01-\uFF07\uFF0A-\uFF5E]")  # all that _KEY_WIDTH changes

_FORMER_TEMPORARY_ID = re.compile("IN_[A-Z2-7]{16}", re.IGNORECASE)
_LIKE_AN_ID = re.compile(r"(?=.*[0-9])(?!0+\Z)(?![0-9]+\.[0-9]*\Z)[0-9A-Za-z][0-9A-Za-z_.:-]*")

# What a name must begin or end with for rules 4, 7 and 9 to have anything to do.
_OPENING = frozenset("（(")
_CLOSING = frozenset("）)")
_LOOSE_ENDS = frozenset("—-.。）")

# Markers that show as such, by a dash or brackets; at the end, empty brackets and loose ends too.
_SHOWN_FIRST = re.compile(rf"^(?:[（(]{_ANY_MARKER}[）)][—\-]?|{_ANY_MARKER}[—\-])+")
_SHOWN_LAST = re.compile(rf"(?:[（(]{_ANY_MARKER}?[）)]|[—\-]{_ANY_MARKER}|[—\-.。])\Z")
_LONGEST_SHOWN = len("（企业年金计划）")
_FULL_LETTERS = re.compile("[\uff10-\uff5a]")

_NO_IDS = frozenset(("", "N", "NA", "N/A", "NONE", "NULL", "NAN"))
_TEMPORARY_ID = re.compile("IN[A-Z2-7]{16}")
EXACT_FLOATS = 2**53  # from here on a float may stand for several whole numbers
_LARGEST_ID = 10**100  # company_id is a varchar(100)


def storable(text: str) -> str:
    """Return the text with every lone surrogate, which no UTF-8 can hold, as U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def lookup_key(raw: object) -> str:
    """Return the key under which the index knows a raw name, "" for a blank (docs/domain.md section 5.1).

    The ten rules of that section, once each and in its order. The key is no fixed point: a key's own
    key may be shorter. What is not a string, NaN and None among it, is a blank. Never raises.
    """
    # Most names are plain. Of the others, each `if` from rule 4 on is a necessary condition of its rule:
    # where it does not hold, the rule could not change the name. (In rule 6 the first marker to change it
    # needs it as it is, so if none does, none ever will.) Both save time, and never alter a key.
    if not isinstance(raw, str):  # 1
        return ""
    trimmed = raw.strip()
    if trimmed == _PROTECTED:
        return _PROTECTED
    if trimmed in _PLACEHOLDERS:  # 2
        return ""
    if _PLAIN.fullmatch(raw) and _SUBSIDIARIES not in raw:
        return raw
    key = _condensed(raw)  # 3
    if key[:1] in _OPENING:  # 4
        key = _LEADING_GROUP.sub("", key)
    key = _without_suffix(key)  # 5
    if _MARKER_FIRST.match(key) or _MARKER_LAST.search(key):  # 6
        key = _without_markers(key)
    if key[-1:] in _CLOSING:  # 7
        key = _without_trailing_group(key)
    if _OTHER_WIDTH.search(key):  # 8
        key = key.translate(_KEY_WIDTH)
    if key[-1:] in _LOOSE_ENDS:  # 9
        key = key.rstrip("—-.。").removesuffix("（）").rstrip("—-")
    upper = key.upper()  # 10
    return raw if upper == raw else upper  # one text, not two alike: there may be millions


def askable(key: str) -> bool:
    """Whether a lookup key can be stored in the index, and asked: not blank, not too long, without NUL."""
    return 0 < len(key) <= MAX_KEY_LENGTH and "\0" not in key


def query_for(variants: Iterable[str]) -> str:
    """Return what EQC is asked for a name that was written in these ways (docs/domain.md section 5.2).

    The best of the variants, in simplified signs, freed of blanks, what nobody sees, quotes, the words and
    suffixes of rule 5, loose ends, and of status markers where they show as such, by a dash or by
    brackets; what is glued to a name is taken for the name. The best has the fewest full-width letters and
    digits, is then the shortest, then the first by code points: the order of the variants is of no account.
    Placeholders are passed over. Where nothing is left of any variant it is their lookup key, "" if
    that is empty too. Never raises.
    """
    names = [name for name in variants if name.strip() not in _PLACEHOLDERS]
    forms = {_undecorated(name) for name in names} - {""}
    return min(forms or map(lookup_key, names), key=_unfitness, default="")


def written_form(name: str) -> str:
    """Return a name as it compares with another one, spaces, widths and case aside.

    Brackets become half-width like all full-width ASCII, traditional signs simplified ones; nothing is taken
    away but whitespace and signs that nobody sees. Never raises.
    """
    if _IDEOGRAPHS.fullmatch(name):
        return simplified(name)
    form = simplified("".join(seen(name).split()))
    return (form.translate(_HALF_WIDTH) if _FULL_WIDTH.search(form) else form).casefold()


def usable_id(value: object) -> str | None:
    """Return a stored company id as trimmed text, None where it is no id (docs/domain.md section 4).

    No ids are blanks, `N`, `NA`, `N/A`, `NONE`, `NULL` and `NAN` in any case, and temporary ids.
    Whole numbers from 0 are ids, as floats only where those are exact (a column of ids with gaps
    reads as floats); any other object is none. Never raises.
    """
    if isinstance(value, str):
        if value.isdecimal():
            return value
        text = value.strip()
        return None if text.upper() in _NO_IDS or _TEMPORARY_ID.fullmatch(text) else text
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_FLOATS:
        value = int(value)
    if isinstance(value, Integral) and not isinstance(value, bool):
        return str(int(value)) if 0 <= int(value) < _LARGEST_ID else None
    return None


def well_formed_id(value: object) -> str | None:
    """Return an id that EQC, a person or a cell gives, None for what is none: `undefined`, `0`, `-1`.

    Of what `usable_id` takes it is one word of ASCII letters, digits, `_`, `.`, `:` and `-` that begins with
    a letter or a digit and holds a digit; no fraction, not 0, no temporary id of a former form; however long.
    Stored ids were somebody's before: `usable_id` alone judges them. Never raises.
    """
    company_id = usable_id(value)
    if company_id is None or not _LIKE_AN_ID.fullmatch(company_id):
        return None
    return None if _FORMER_TEMPORARY_ID.fullmatch(company_id) else company_id


def is_odd(company_id: str) -> bool:
    """Tell whether a stored id is taken for one, and looks like none: `undefined`, `0`."""
    if company_id.isdecimal() and company_id.strip("0"):
        return False
    return usable_id(company_id) is not None and well_formed_id(company_id) is None


def temporary_id(key: str, salt: str) -> str | None:
    """Return the id that stands in for a customer without one, None for a blank (docs/domain.md section 5.5).

    18 characters, `IN` first, the same for the same key and salt. `0` and `空白` are blanks too.
    Never raises.
    """
    if key.strip() in ("", "0", "空白"):
        return None
    # Lone surrogates have no UTF-8; surrogatepass gives each its own bytes all the same.
    secret, message = (text.encode("utf-8", "surrogatepass") for text in (salt, key))
    return "IN" + base64.b32encode(hmac.digest(secret, message, "sha1")[:10]).decode("ascii")


def _condensed(raw: str) -> str:
    """Rule 3."""
    return _QUOTES.sub("", "".join(raw.split()))


def seen(name: str) -> str:
    """What a reader sees of a name; a key keeps all of it, as the stored keys do."""
    return name if name.isprintable() else _INVISIBLE.sub("", name)


def _without_suffix(key: str) -> str:
    """Rule 5."""
    key = key.replace(_SUBSIDIARIES, "")
    return _SUFFIX.sub("", key) if "-" in key or "团托" in key else key


def _without_markers(key: str) -> str:
    """Rule 6. What it leaves is a part of the key, so a marker not in it at first never will be."""
    for marker in _MARKERS:
        if marker in key:
            at_start, at_end, in_brackets = _patterns_of(marker)
            key = in_brackets.sub("", at_end.sub("", at_start.sub("", key)))
    return key


@cache
def _patterns_of(marker: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What rule 6 takes away of a marker: most are never seen, and all together take long to compile."""
    return (
        re.compile(rf"^[（(]?{marker}[）)]?-?"),
        re.compile(rf"[—\-（(]{marker}[）)]?\Z"),
        re.compile(rf"[（(]{marker}[）)]\Z"),
    )


def _without_trailing_group(key: str) -> str:
    """Rule 7. A group holds no closing bracket, so it begins behind the last but one of them; an empty one
    is left to rule 9, which takes one of those."""
    behind = max(key.rfind("）", 0, -1), key.rfind(")", 0, -1)) + 1
    group = _TRAILING_GROUP.search(key, behind)  # from 0 it would be quadratic in stray brackets
    return key if group is None or _LEGAL_FORM.search(group[1]) else key[: group.start()]


def _undecorated(name: str) -> str:
    """Return a name without what was added to it, as far as that can be told (docs/domain.md section 5.2)."""
    form = _SHOWN_FIRST.sub("", _without_suffix(_condensed(simplified(seen(name)))))
    while last := _SHOWN_LAST.search(form, len(form) - _LONGEST_SHOWN):
        form = form[: last.start()]  # and on: one marker can hide behind another
    return form


def _unfitness(form: str) -> tuple[int, int, str]:
    """Order written forms from the best query to the worst."""
    return len(_FULL_LETTERS.findall(form)), len(form), form
