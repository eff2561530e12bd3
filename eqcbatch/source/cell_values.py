"""What the text of a cell means, read as a person reads it: a name, a plan code, a company id, a number.

| written                                                     | means                     |
|-------------------------------------------------------------|---------------------------|
| `="深圳某公司"`, `=T("深圳某公司")`, `'深圳某公司`          | 深圳某公司: a guarded text |
| `（深圳某公司）`, `（深圳某公司）-已转出`                     | 深圳某公司                |
| `600000002.0`, `6.00000003E+08`, `600,000,004`, `６０…` as id | the digits that are meant |
| `6E+08`, `600.5`, `#N/A`, `-`, `0`, `未知` as id             | no id                     |
| `9,000,000`, `￥900万元`, `(9,000)`, `9000-`, `12.5%`         | a number                  |

Only what is plainly a number in another dress is changed: `0012` stays `0012`, and what could be several
things is none of them. Pure and total: any text gives a value, never an error.
"""

from __future__ import annotations

import math
import re

from eqcbatch.domain.names import MAX_ID_LENGTH, lookup_key, seen, usable_id, well_formed_id

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("￥"): "¥",
    ord("−"): "-",
    ord("–"): "-",
    ord("—"): "-",
    ord("’"): "'",
    ord("‘"): "'",
}
_BLANK = re.compile(r"\s")

# Texts that Excel keeps from being taken for numbers: a formula of one text, or an apostrophe before it.
_FORMULA = re.compile(r'[=＝]\s*(?:T\s*\(\s*)?"((?:[^"]|"")*)"\s*\)?', re.IGNORECASE)
_APOSTROPHES = ("'", "＇")
_LIKE_S_HERTOGENBOSCH = re.compile("'[a-z]")  # names of Dutch places begin so
_GUARDS = frozenset("=＝'＇")
_OPENING, _CLOSING = frozenset("（("), frozenset("）)")

# What spreadsheets show for a formula that went wrong; and columns that are too narrow for a number.
_ERROR = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|PYTHON!"
    r"|UNKNOWN!|EXTERNAL!|GETTING_DATA|NA|NV|ERR!?|ERROR!)|#N/A N/A|Err:5\d\d|#{2,}",
    re.IGNORECASE,
)

_FLOAT_DIGITS = 15  # that a spreadsheet, and any float, keeps of a number

_FILLER_WORDS = (
    "合计 小计 总计 共计 汇总 其他 其它 未知 不详 不明 同上 暂无 没有 待定 待补 空 空值 无名 测试 "
    "true false none nil nan na nat n.a. tbd unknown total test x xx xxx"
)
_NO_SIGN = re.compile("[\ue000-\uf8ff\ufffd]")
_FILLERS = frozenset(_FILLER_WORDS.split())

_BELOW = re.compile(r"(?:(?:制表|填表|复核|审核|经办|负责|批准|报送|联系)人?|注|备注|说明|单位|日期)[:：]")

_WHOLE = r"(?P<whole>\d+|[1-9]\d{0,2}(?:(?P<mark>[,' ])\d{3})(?:(?P=mark)\d{3})*)"
_NUMERAL = re.compile(rf"\+?{_WHOLE}(?:\.(?P<fraction>\d*))?")
_ZEROS_BEHIND_A_COMMA = re.compile(r"(\d+),0{1,2}")
_SCIENTIFIC = re.compile(r"\+?(?P<whole>\d{1,3})(?:\.(?P<fraction>\d*)E\+?|E\+)(?P<exponent>\d{1,3})", re.I)
_NUMBERLIKE = re.compile(r"[-+]?[\d.,'% ]+(?:E[-+]\d+)?", re.I)
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b.*")
_BEGIN_OF_NO_CODE = frozenset(("", *"NnIi"))  # NONE, and temporary ids
_CODE = re.compile(r"[0-9A-Za-z][!-~]*")

_CURRENCY = r"(?:人民币|RMB|CNY|CN¥|US\$|HK\$|USD|HKD|EUR|[¥$€£])"
_DIGITS = r"""(?:
      \d{1,3}(?:,\d{3})+(?:\.\d*)?            # 9,000,000.00
    | \d{1,3}(?:[ ']\d{3})+(?:[.,]\d*)?       # 9 000 000,00
    | \d{1,3}(?:\.\d{3})+,\d*                 # 9.000.000,00
    | \d{1,3}(?:\.\d{3}){2,}                  # 9.000.000
    | \d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?      # 90,00,000.00
    | \d{1,4}(?:,\d{4})+(?:\.\d*)?            # 900,0000
    | \d+,\d{1,2}                             # 9000000,00
    | (?:\d+(?:\.\d*)?|\.\d+)(?:E[-+]?\d+)?   # 9000000.00, 9E6
)"""
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}|\d{1,3}(?:\.\d{3})+,\d*")
_SCALES = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
_UNITS = rf"(?P<scale>{'|'.join(sorted(_SCALES, key=len, reverse=True))})\s*(?:[元圆]整?|{_CURRENCY})?"
_NUMBER = re.compile(
    rf"""(?P<bracket>\()?\s*(?P<minus>[-+])?\s*{_CURRENCY}?\s*(?P<sign>[-+])?\s*
    (?P<digits>{_DIGITS})\s*(?P<percent>%)?\s*{_UNITS}\s*(?P<behind>-)?\s*(?P<closed>\))?\s*
    (?P<later>(?:{_UNITS.replace("?P<scale>", "?P<scale_behind>")}))""",
    re.IGNORECASE | re.VERBOSE,
)
_OF_YUAN = re.compile("[元圆]")
_COLUMN_UNIT = re.compile(
    rf"(?P<scale>{'|'.join(sorted(filter(None, _SCALES), key=len, reverse=True))})[元圆]"
)
_ZERO_OF_ACCOUNTS = re.compile(rf"{_CURRENCY}?\s*-{{1,2}}", re.I)  # accounting formats show 0 as a dash


def name_in(text: str) -> str:
    """Return the name in a cell: without a guard, out of brackets that hold all of it, "" for an error.

    The rules of the lookup key take a bracketed group at the start for a remark; where nothing else is
    left, the group is the name. Any other text is the name as it is written.
    """
    begin = text.lstrip()[:1]
    if begin in _GUARDS:
        text = unguarded(text)
        begin = text.lstrip()[:1]
    if begin in _OPENING:
        return _out_of_brackets(text)
    return "" if begin in "#Ee" and is_error(text) else text


def plan_code_in(text: str) -> str:
    """Return the plan code in a cell by its shown form, "" where it holds none: errors and dashes."""
    if text.isascii() and text.isalnum() and text[:1] not in _BEGIN_OF_NO_CODE:
        return text
    code = _unquoted(text)
    if not code.strip("-/. ") or is_error(code) or usable_id(code) is None:
        return ""
    number = _whole_number(code)
    if number is not None:
        return number or ("" if _SCIENTIFIC.fullmatch(code) else code)
    return code if _CODE.fullmatch(code) else unguarded(text).strip()


def company_id_in(text: str) -> str | None:
    """Return the company id in a cell by its shown form, None where it holds none.

    None are: what `well_formed_id` rejects, errors, dates, and numbers that are no whole ones or whose last
    digits are lost, as in `6E+08`.
    """
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return text if text.strip("0") and len(text) <= MAX_ID_LENGTH else None
    shown = _unquoted(text)
    number = _whole_number(shown)
    if number is not None:
        shown = number
    elif _NUMBERLIKE.fullmatch(shown) or _DATE.fullmatch(shown) or is_error(shown):
        return None
    return well_formed_id(shown) if len(shown) <= MAX_ID_LENGTH else None


def word_in(text: str) -> str:
    """Return the word in a cell by its shown form, in lower case: of ` ＮＯＮＥ ` it is `none`."""
    return _unquoted(text).casefold()


def unit_in(column: str) -> float:
    """Return what one is worth in a column whose name tells a unit, as `规模（万元）`; 1 in any other."""
    found = _COLUMN_UNIT.search(_plain(column))
    return _SCALES[found["scale"]] if found else 1.0


def number_in(text: str, unit: float = 1.0) -> float | None:
    """Return the number in a cell, None where it holds none; a dash is 0, a blank cell is none.

    unit: that of the column, in which a number that tells a unit of its own is given, too. Thousands may be
    marked in any one way; 千, 万 and 亿 multiply, a percent sign divides; the currency is of no account. A
    comma with one or two digits behind it, and no other, is a decimal one.
    """
    try:
        number = float(text)
    except ValueError:
        return _written_number(_plain(unguarded(text)), unit)
    return number if math.isfinite(number) else None


def is_error(text: str) -> bool:
    """Tell whether a cell shows that its formula went wrong, such as `#N/A`."""
    return _ERROR.fullmatch(text.strip()) is not None


def looks_like_none(name: str) -> bool:
    """Tell whether a name is likely a filler.

    That is nothing but digits and signs, a word for none or for a sum, or a line below the table: who made
    it, or a note.
    """
    form = "".join(_plain(name).split()).rstrip(":：")
    return form.casefold() in _FILLERS or not any(map(str.isalpha, form)) or _BELOW.match(form) is not None


def looks_garbled(name: str) -> bool:
    """Tell whether a name was likely read in another encoding than it was written in.

    It holds U+FFFD or signs of private use, as Big5 does that is read as GB18030, or its bytes are UTF-8.
    """
    if _NO_SIGN.search(name):
        return True
    encoding = "latin-1" if name[:1] < "\u0100" else "gb18030"
    try:
        return not name.isascii() and len(name.encode(encoding).decode()) > 1
    except UnicodeError:
        return False


def unguarded(text: str) -> str:
    """Return a text without what keeps a spreadsheet from taking it for a number; others as they are."""
    cell = text.strip()
    if cell[:1] not in _GUARDS:
        return text
    if formula := _FORMULA.fullmatch(cell):
        return formula[1].replace('""', '"')
    if cell.startswith(_APOSTROPHES) and not _LIKE_S_HERTOGENBOSCH.match(cell):
        return cell[1:].removesuffix(cell[0])
    return text


def _unquoted(text: str) -> str:
    """A code's text without guards, and without quotes around it."""
    return _plain(unguarded(text)).strip("\"'")


def _plain(text: str) -> str:
    """A text in half-width signs, with plain blanks, none of them around it, and nothing that hides."""
    if text.isascii():
        return _BLANK.sub(" ", text).strip()
    return _BLANK.sub(" ", seen(text)).translate(_HALF_WIDTH).strip()


def _out_of_brackets(name: str) -> str:
    """A name that stands in brackets with nothing beside them but what is no name; others as they are."""
    inner = name.strip()
    while (end := _closing_bracket(inner)) and not lookup_key(inner[end + 1 :]):
        inner = name = inner[1:end].strip()
    return name


def _closing_bracket(text: str) -> int:
    """Where the bracket that a text begins with is closed, 0 if it begins with none, or never closes it."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if depth == 0:
            return place
    return 0


def _whole_number(shown: str) -> str | None:
    """The digits of a whole number, "" of a number that is none or not exact, None of any other text."""
    if with_zeros := _ZEROS_BEHIND_A_COMMA.fullmatch(shown):
        return with_zeros[1]
    if numeral := _NUMERAL.fullmatch(shown):
        whole, fraction = re.sub("[,' ]", "", numeral["whole"]), numeral["fraction"] or ""
        was_float = fraction == "0" and len(whole) > _FLOAT_DIGITS
        return "" if fraction.strip("0") or was_float else whole
    if scientific := _SCIENTIFIC.fullmatch(shown):
        fraction, exponent = scientific["fraction"] or "", int(scientific["exponent"])
        whole = scientific["whole"] + fraction[:exponent]
        exact = len(fraction) >= exponent and not fraction[exponent:].strip("0")
        return whole if exact and len(whole) <= _FLOAT_DIGITS else ""
    return None


def _written_number(shown: str, unit: float) -> float | None:
    found = _NUMBER.fullmatch(shown)
    if found is None or bool(found["bracket"]) != bool(found["closed"]):
        return 0.0 if _ZERO_OF_ACCOUNTS.fullmatch(shown) else None
    scale = _SCALES[found["scale"]] * _SCALES[found["scale_behind"]]
    own = scale / unit if scale > 1 or _OF_YUAN.search(shown) else 1.0
    number = float(_decimal_point(found["digits"])) * own
    if found["percent"]:
        number /= 100
    signs = "".join(filter(None, found.group("bracket", "minus", "sign", "behind")))
    if len(signs) > 1 or not math.isfinite(number):
        return None
    return -number if signs in ("(", "-") else number


def _decimal_point(digits: str) -> str:
    """Digits with their groups closed up, and a point for a decimal comma."""
    closed_up = digits.replace(" ", "").replace("'", "")
    if closed_up != digits or _DECIMAL_COMMA.fullmatch(digits):
        return (closed_up.replace(".", "") if "," in digits else closed_up).replace(",", ".")
    return digits.replace(".", "") if digits.count(".") > 1 else digits.replace(",", "")
