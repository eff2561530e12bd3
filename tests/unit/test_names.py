"""Names: the ten rules of the lookup key, the question to EQC, and what is an id."""

from __future__ import annotations

import math
import random
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from eqcbatch.domain.names import (
    MAX_KEY_LENGTH,
    lookup_key,
    query_for,
    storable,
    temporary_id,
    usable_id,
    written_form,
)
from eqcbatch.domain.simplified import is_simplified

PLACEHOLDERS = ["null", "NULL", "空白", "无", "N/A", "n/a", "-", "--", "—", "——"]
STATUS_WORDS = (
    "已转出 待转出 待转移 终止 转出 转移 保留 暂停 注销 清算 解散 吊销 撤销 停业 歇业 关闭 迁出 "
    "迁入 变更 合并 分立 破产 重整 托管 接管 整顿 清盘 退出 终结 结束 完结 已作废 作废 存量 原 "
    "转移终止 已终止 保留账户 已转移终止 本部 未使用 集合 企业年金计划"
)
MARKERS = STATUS_WORDS.split()
LEGAL_WORDS = "特殊普通合伙 普通合伙 有限合伙 有限公司 个人独资 全民所有制 集体所有制 股份合作 个体工商户"
LEGAL_FORMS = LEGAL_WORDS.split()

OTHER_WORDS = "保留账户管理 及下属子企业 (团托) （团托） -养老 -福利 中国 平 ß １"
PIECES = [*MARKERS, *LEGAL_FORMS, *PLACEHOLDERS, *OTHER_WORDS.split()]
SIGNS = '()（）()（）-—-—-—.。.．－＂「」『』"Xab17Ａｚ９ \u3000\n\x1c\u2028'

PARTS = [*PIECES, *SIGNS, *SIGNS]
MARKED = [
    re.compile(pattern.format(marker))
    for marker in sorted(MARKERS, key=len, reverse=True)
    for pattern in (r"^[（(]?{}[）)]?-?", r"[—\-（(]{}[）)]?\Z", r"[（(]{}[）)]\Z")
]

namelike = st.lists(st.sampled_from(PARTS), max_size=9).map("".join)
any_text = st.text(st.characters(exclude_categories=()))  # lone surrogates too
any_object = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.fractions(),
    st.binary(),
    st.lists(st.text()),
    any_text,
)


def key_by_the_page(raw: object) -> str:
    """Return the lookup key by docs/domain.md section 5.1."""
    if not isinstance(raw, str):
        return ""
    if raw.strip() == "保留账户管理":
        return raw.strip()
    if raw.strip() in PLACEHOLDERS:
        return ""
    key = re.sub(r'[\s「」『』"]', "", raw)
    key = re.sub(r"^[（(][^）)]*[）)]", "", key)
    key = re.sub("及下属子企业", "", key)
    key = re.sub(r"(?:\(团托\)|（团托）|-[A-Za-z][A-Za-z0-9]*|-\d+|-养老|-福利)\Z", "", key, count=1)
    for marked in MARKED:
        key = marked.sub("", key, count=1)
    group = re.search(r"[（(]([^）)]+)[）)]\Z", key)
    if group and not any(word in group[1] for word in LEGAL_FORMS):
        key = key[: group.start()]
    key = "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c for c in key)
    key = key.replace("(", "（").replace(")", "）")
    key = re.sub(r"[—\-.。]+\Z", "", key)
    key = re.sub(r"（）\Z", "", key)
    key = re.sub(r"[—\-]+\Z", "", key)
    return key.upper()


class TestLookupKey:
    """The key, rule by rule."""

    @pytest.mark.parametrize("raw", [None, float("nan"), 0, 42, True, b"X", ["X"], object()])
    def test_what_is_no_string_is_blank(self, raw: object) -> None:
        """Rule 1: NaN, None, numbers and whatever else a cell may hold have the empty key."""
        assert lookup_key(raw) == ""

    def test_the_protected_name_stays_as_it_is(self) -> None:
        """Rule 1: 保留账户管理 would lose a marker; written any other way it does."""
        for raw in ("保留账户管理", "保留账户管理 ", "\u3000保留账户管理\n"):
            assert lookup_key(raw) == "保留账户管理"
        assert lookup_key("保留 账户管理") == "管理"

    @pytest.mark.parametrize("raw", ["", " ", "\u3000\n", *PLACEHOLDERS])
    def test_placeholders_are_blank(self, raw: str) -> None:
        """Rule 2: a placeholder is blank, blanks around it or not."""
        assert lookup_key(raw) == lookup_key(f"\u3000{raw}\n") == ""

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("Null", "NULL"),
            ("N / A", "N/A"),
            ("「无」", "无"),
            ("无公司", "无公司"),
            ("－", ""),  # but by rule 9
        ],
    )
    def test_placeholders_are_known_by_their_exact_spelling(self, raw: str, key: str) -> None:
        """Rule 2 comes before blanks, quotes and case are touched."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            (" 中国 平安 ", "中国平安"),
            ("中\u3000国\t平\n安\u2028\x1c", "中国平安"),
            ('「中国」『平"安"』', "中国平安"),
            ("＂中国＂平安", '"中国"平安'),  # not among the quotes; rule 8 narrows it later
            ("“中国”平安", "“中国”平安"),
        ],
    )
    def test_blanks_and_quotes_go(self, raw: str, key: str) -> None:
        """Rule 3 takes all whitespace and the listed quotes, wherever they stand."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("（集团）中国平安", "中国平安"),
            ("(有限合伙)中国平安", "中国平安"),
            ("（集团)中国平安", "中国平安"),
            ("()中国平安", "中国平安"),
            ("（北京）（上海）平安", "（上海）平安"),
            ("（甲（乙）丙）平安", "丙）平安"),  # a group ends at the first closing bracket
            ("（中国平安", "（中国平安"),
            ("）中国平安", "）中国平安"),
        ],
    )
    def test_a_group_at_the_start_goes(self, raw: str, key: str) -> None:
        """Rule 4 takes one bracketed group, widths mixed or not, and only a closed one."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("平安及下属子企业公司及下属子企业", "平安公司"),
            ("平安及下属子企业-养老", "平安"),
            ("平安(团托)", "平安"),
            ("平安（团托）", "平安"),
            ("平安-A", "平安"),
            ("平安-b2C", "平安"),
            ("平安-12", "平安"),
            ("平安-１２", "平安"),  # a digit of any script
            ("平安-养老", "平安"),
            ("平安-福利", "平安"),
            ("平安-A-12", "平安-A"),
            ("平安-养老-福利", "平安-养老"),
            ("平安-1A", "平安-1A"),
            ("平安-Ａ", "平安-A"),
            ("平安—A", "平安—A"),
            ("-A平安", "-A平安"),
            ("平安团托", "平安团托"),
        ],
    )
    def test_one_suffix_goes(self, raw: str, key: str) -> None:
        """Rule 5 takes 及下属子企业 anywhere, then a single suffix."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("marked", "key"),
        [
            ("{}平安", "平安"),
            ("{}-平安", "平安"),
            ("（{}平安", "平安"),
            ("{}）平安", "平安"),
            ("（{}）平安", "平安"),
            ("（{}）-平安", "-平安"),  # the group falls to rule 4, which leaves the dash
            ("平安-{}", "平安"),
            ("平安—{}", "平安"),
            ("平安（{}", "平安"),
            ("平安（{}）", "平安"),
            ("平安({}）", "平安"),
            ("平安-{})", "平安"),
            ("平安({0})-{0}", "平安"),
        ],
    )
    def test_a_status_marker_goes(self, marked: str, key: str) -> None:
        """Rule 6 takes each marker from the start and, behind a dash or bracket, from the end."""
        keys = {marker: lookup_key(marked.format(marker)) for marker in MARKERS}
        assert keys == dict.fromkeys(MARKERS, key)

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("平安已转出", "平安已转出"),
            ("平安企业年金计划", "平安企业年金计划"),
            ("平-终止-安", "平-终止-安"),
            ("平安－终止", "平安-终止"),  # rule 8 narrows the dash too late
            ("终止", ""),
            ("（终止）（终止）", ""),
        ],
    )
    def test_a_marker_glued_to_the_end_stays(self, raw: str, key: str) -> None:
        """Rule 6 asks for a dash or a bracket at the end, and for nothing at the start."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("原平市医院", "平市医院"),
            ("集合科技公司", "科技公司"),
            ("重整旗鼓公司", "旗鼓公司"),
        ],
    )
    def test_a_real_name_may_lose_its_beginning(self, raw: str, key: str) -> None:
        """Rule 6 eats what only looks like a marker; so the stored keys were made."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("X-已转出-终止", "X-已转出"),  # the longer one had its turn behind the shorter
            ("X-终止-已转出", "X"),
            ("X-终止-终止", "X-终止"),
            ("转出转移X", "X"),
            ("转移转出X", "转出X"),  # equal lengths take turns in the order of the section
            ("已转移终止X", "X"),
            ("原已终止X", "已终止X"),
            ("X（终止）-终止", "X"),
            ("X（甲）(终止)-终止", "X"),  # else rule 7 would be spent on it
        ],
    )
    def test_every_marker_has_one_turn_and_the_longest_the_first(self, raw: str, key: str) -> None:
        """Rule 6 goes through the markers once, so a key is no fixed point."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("公司（集团）", "公司"),
            ("公司(集团）", "公司"),
            ("公司（）", "公司"),
            ("公司（甲）（乙）", "公司（甲）"),
            ("公司（甲(乙）", "公司"),
            ("公司（甲（乙）丙）", "公司（甲（乙）丙）"),
            ("公司（（（甲）", "公司"),
            ("公司甲）", "公司甲）"),
            ("公司（甲", "公司（甲"),
            ("公司（有限合伙", "公司（有限合伙"),
            ("（集团）", ""),
        ],
    )
    def test_a_group_at_the_end_goes(self, raw: str, key: str) -> None:
        """Rule 7 takes one group that holds no closing bracket, from its first opening one."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize("form", LEGAL_FORMS)
    def test_a_legal_form_at_the_end_stays(self, form: str) -> None:
        """Rule 7 leaves a group alone that holds a legal form, among other things even."""
        assert lookup_key(f"平安（{form}）") == f"平安（{form}）"
        assert lookup_key(f"平安(甲{form}乙)") == f"平安（甲{form}乙）"

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("ａｂｃ公司(普通合伙)", "ABC公司（普通合伙）"),
            ("中国(北京)科技", "中国（北京）科技"),
            ("中国（北京)科技", "中国（北京）科技"),
            ("３Ｍ～！＃［］公司", "3M~!#[]公司"),
            ("￥·公司", "￥·公司"),
        ],
    )
    def test_ascii_is_half_width_and_round_brackets_are_full_width(self, raw: str, key: str) -> None:
        """Rule 8 leaves one width for each character that has two."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("公司。", "公司"),
            ("公司-—.。", "公司"),
            ("公司．－", "公司"),
            ("公司（）.", "公司"),
            ("公司-（）。", "公司"),
            ("公司（）（）", "公司（）"),  # an empty group is none of rule 7's
            ("公司()", "公司"),
            ("公司.()", "公司."),
            ("公司(())", "公司（（））"),
            ("公司.（）。", "公司."),  # the second strip takes dashes alone
            ("公司（（））.", "公司（（））"),
            ("-公司", "-公司"),
            ("---", ""),
        ],
    )
    def test_loose_ends_go(self, raw: str, key: str) -> None:
        """Rule 9 takes dashes and dots, then empty brackets, then dashes."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(("raw", "key"), [("iPhone公司", "IPHONE公司"), ("Groß", "GROSS")])
    def test_letters_are_upper_case(self, raw: str, key: str) -> None:
        """Rule 10."""
        assert lookup_key(raw) == key

    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            ("平安-终止-A", "平安"),  # 5, 6
            ("平安-A-终止", "平安-A"),
            ("（北京）终止平安", "平安"),  # 4, 6
            ("终止（北京）平安", "（北京）平安"),
            ("平安（集团）-终止", "平安"),  # 6, 7
            ("平安-终止（集团）", "平安-终止"),
            ("平安（集团）。", "平安（集团）"),  # 7, 9
            ("中国平安-已转出", "中国平安"),
            ("（已转出）中国平安", "中国平安"),
        ],
    )
    def test_the_rules_run_once_in_the_order_of_the_page(self, raw: str, key: str) -> None:
        """What a later rule lays bare is out of reach of an earlier one."""
        assert lookup_key(raw) == key

    def test_the_key_is_that_of_the_page(self) -> None:
        """Trying a rule only where it can fire never gives another key: 5,000 names show it."""
        dice = random.Random(5)
        names = ["".join(dice.choices(PARTS, k=dice.randint(1, 9))) for _ in range(5_000)]
        assert {raw: key_by_the_page(raw) for raw in names} == {raw: lookup_key(raw) for raw in names}

    @given(namelike)
    def test_no_name_has_another_key_than_that_of_the_page(self, raw: str) -> None:
        """The same, of names that hypothesis finds: where one fails, it shows the shortest such name."""
        assert lookup_key(raw) == key_by_the_page(raw)

    @given(any_object)
    @example("平安\ud800（\udfff）")
    def test_every_object_has_a_key(self, raw: object) -> None:
        """No text, lone surrogates among it, and no other object raises."""
        assert lookup_key(raw) == key_by_the_page(raw)

    @given(namelike)
    def test_a_key_holds_no_whitespace_and_no_half_width_brackets(self, raw: str) -> None:
        """Two names that differ in nothing else have one key."""
        assert not re.search(r"[\s()]", lookup_key(raw))


def test_a_key_is_as_long_as_its_column() -> None:
    """lookup_key is varchar(255)."""
    assert 255 == MAX_KEY_LENGTH


def test_what_no_utf_8_can_hold_is_stored_as_a_mark() -> None:
    """One for each; all else stays as it is."""
    assert "甲\ufffd乙\ufffd\ufffd" == storable("甲\ud800乙\udbff\udfff")
    assert "甲乙 \u200b" == storable("甲乙 \u200b")


def test_only_full_width_ascii_becomes_half_width() -> None:
    """What stands behind the tilde is none."""
    assert "A\uff5f" == lookup_key("ａ\uff5f")


class TestQueryFor:
    """What EQC is asked."""

    def test_the_shortest_form_is_asked_then_the_first(self) -> None:
        """Whichever has the lower code points, or comes first."""
        assert "甲厂" == query_for(["乙公司甲", "甲厂"])
        assert "ZZZ厂" == query_for(["Ａ厂", "ZZZ厂"])
        assert "乙厂" == query_for(["甲厂", "乙厂"])

    @pytest.mark.parametrize(
        "raw",
        [
            " 中国 平安 ",
            "「中国」『平安』",
            "中国平安及下属子企业",
            "中国平安及下属子企业-1",
            "中国平安（团托）",
            "中国平安-已转出",
            "中国平安—已转出",
            "中国平安（已转出)",
            "中国平安-（已转出）",
            "已转出-中国平安",
            "已转出—中国平安",
            "（已转出）中国平安",
            "(已转出)-中国平安",
            "中国平安-已转出-终止",
            "中国平安-终止-A",
            "（原）已转出-中国平安-终止（已转出）",
            "中国平安-—.。",
            "中国平安（)",
            "中国平安()。",
            "中国平安（）-终止。",
            "中国平安-企业年金计划",
        ],
    )
    def test_decorations_go(self, raw: str) -> None:
        """Blanks, quotes, suffixes, loose ends and every marker that shows as one are not asked."""
        assert query_for([raw]) == "中国平安"

    @pytest.mark.parametrize(
        "raw",
        [
            "原平市医院",
            "集合科技公司",
            "平安终止",
            "平安企业年金计划",
            "平安－终止",
            "平安（终止",
            "平安-终止）",
            "终止）平安",
            "平安-A-终止之家",
            "（北京）平安",
            "平安（集团）",
            "平安（有限合伙）",
            "ａｂｃ公司(普通合伙)",
            "iPhone公司",
            "保留账户管理",
        ],
    )
    def test_nothing_else_goes(self, raw: str) -> None:
        """What may belong to the name is asked as it is written, widths and case included."""
        assert query_for([raw]) == raw

    @pytest.mark.parametrize(
        ("raw", "query"),
        [
            ("遠山機械製造有限公司", "远山机械制造有限公司"),
            ("遠山機械-已轉出", "远山机械"),
            ("乾坤著作藉口", "乾坤著作藉口"),
            ("遠山Machinery", "远山Machinery"),
        ],
    )
    def test_traditional_signs_are_asked_in_simplified(self, raw: str, query: str) -> None:
        """EQC has them so; what simplified Chinese writes as well stays, and the key is as it was."""
        assert query_for([raw]) == query
        assert lookup_key(raw)[:2] == raw[:2]

    @pytest.mark.parametrize(
        ("variants", "query"),
        [
            (["ａｂ", "abc公司", "ａbc公司"], "abc公司"),  # full-width letters outweigh length
            (["平安（甲）", "平安"], "平安"),
            (["平安（甲）公司", "平安(甲)公司"], "平安(甲)公司"),  # brackets count as neither
            (["（甲）平安", "abc"], "abc"),
            (["abc公司", "ABC公司"], "ABC公司"),
            (["平安-终止", "平 安"], "平安"),
            (["空白", " - ", "平安公司"], "平安公司"),
            (["（终止）", "平安公司"], "平安公司"),
        ],
    )
    def test_the_best_variant_is_asked(self, variants: list[str], query: str) -> None:
        """The fewest full-width letters, then the shortest, then the first by code points."""
        assert query_for(variants) == query

    @pytest.mark.parametrize("variants", [[], [""], ["空白", " N/A "], ["（终止）"]])
    def test_blanks_make_no_query(self, variants: list[str]) -> None:
        """Where there is no name there is no question."""
        assert query_for(variants) == ""

    def test_the_key_is_asked_where_nothing_else_is_left(self) -> None:
        """The query sheds a pile of markers that the key, in one turn each, keeps."""
        assert query_for(["-转出-终止-转出"]) == lookup_key("-转出-终止-转出") == "-转出-终止"

    @given(
        st.lists(st.sampled_from(["{0}-{1}", "{0}—{1}", "{0}（{1}）", "{0}({1})。", "{1}-{0}", "({1}){0}"])),
        st.data(),
    )
    def test_any_pile_of_markers_goes(self, piles: list[str], data: st.DataObject) -> None:
        """Markers hidden behind markers come off too, however many there are."""
        name = "中国平安"
        for pile in piles:
            name = pile.format(name, data.draw(st.sampled_from(MARKERS)))
        assert query_for([name]) == "中国平安"

    @given(st.lists(namelike, max_size=5), st.data())
    def test_the_order_of_the_variants_is_of_no_account(
        self, variants: list[str], data: st.DataObject
    ) -> None:
        """A source sorted differently asks the same question."""
        assert query_for(variants) == query_for(iter(data.draw(st.permutations(variants))))

    @given(namelike)
    def test_a_name_that_is_its_own_key_is_its_own_query(self, name: str) -> None:
        """So a plan need not look for the query of most names."""
        key = lookup_key(name)
        assume(key and lookup_key(key) == key and is_simplified(key))
        assert key == query_for([key])

    @given(namelike)
    def test_a_query_holds_no_whitespace(self, raw: str) -> None:
        """Any text makes a query, and none needs a trim."""
        assert not re.search(r"\s", query_for([raw]))


class TestWrittenForm:
    """How names compare."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("中国（北京）科技", "中国 (北京) 科技"),
            ("ＡＢＣ公司", "abc公司"),
            ("中\u3000国\n", "中国"),
            ("Groß", "GROSS"),
            ("遠山機械", "远山机械"),
        ],
    )
    def test_spaces_widths_and_case_make_no_difference(self, one: str, other: str) -> None:
        """Names that differ in these alone are equal in written form."""
        assert written_form(one) == written_form(other)

    @pytest.mark.parametrize(
        ("one", "other"), [("平安-终止", "平安"), ("平安（集团）", "平安"), ("「平安」", "平安")]
    )
    def test_everything_else_makes_one(self, one: str, other: str) -> None:
        """A written form drops no marker, bracket or quote."""
        assert written_form(one) != written_form(other)

    @given(namelike)
    def test_a_written_form_is_its_own(self, name: str) -> None:
        """Comparing forms of forms changes nothing."""
        form = written_form(name)
        assert written_form(form) == form


class TestUsableId:
    """Which stored ids are ids."""

    def test_whole_numbers_of_a_hundred_digits_are_ids(self) -> None:
        """From 0 on; company_id is a varchar(100)."""
        assert ("0", "9" * 100) == (usable_id(0), usable_id(10**100 - 1))
        assert (None, None) == (usable_id(10**100), usable_id(-1))

    @pytest.mark.parametrize(
        ("value", "company_id"),
        [
            ("614810477", "614810477"),
            (" 614810477\n", "614810477"),
            ("0042", "0042"),
            ("C-7", "C-7"),
            (614810477, "614810477"),
            (614810477.0, "614810477"),
            (np.int64(614810477), "614810477"),
            ("IN", "IN"),
            ("INABCDEFGHIJKLMNO", "INABCDEFGHIJKLMNO"),  # 15 characters behind IN
            ("INABCDEFGHIJKLMNO1", "INABCDEFGHIJKLMNO1"),  # 1 is no base32
        ],
    )
    def test_an_id_comes_back_as_trimmed_text(self, value: object, company_id: str) -> None:
        """Numbers are taken as written, even where a gap in the column made floats of them."""
        assert usable_id(value) == company_id

    @pytest.mark.parametrize("text", ["", "  ", "N", "n", "NA", "n/a", "None", "null", "NaN", "\u3000NULL "])
    def test_a_word_for_nothing_is_no_id(self, text: str) -> None:
        """Older loads stored what their cells said where there was no id."""
        assert usable_id(text) is None

    def test_a_temporary_id_is_no_id(self) -> None:
        """A stand-in of an earlier run must not pass for a known company."""
        assert usable_id(" INABCDEFGHIJKLMN27") is None

    @pytest.mark.parametrize(
        "value",
        [None, math.nan, math.inf, 1.5, -1, 2.0**53, True, b"7", ["7"], Decimal(7), Fraction(7)],
    )
    def test_other_objects_are_no_ids(self, value: object) -> None:
        """A float too large to be exact may be another company's id; better none."""
        assert usable_id(value) is None

    def test_a_number_too_long_for_the_index_is_no_id(self) -> None:
        """Nor does it trip over Python's limit on the digits of a number."""
        assert usable_id(10**5000) is None

    @given(any_object)
    def test_every_object_is_an_id_or_none(self, value: object) -> None:
        """No object raises, and an id once accepted is accepted again as it is."""
        company_id = usable_id(value)
        assert company_id is None or usable_id(company_id) == company_id


class TestTemporaryId:
    """What stands in for an id."""

    def test_it_is_the_hmac_of_the_key_in_base32(self) -> None:
        """Made with openssl: dgst -sha1 -hmac salt, the first 10 bytes, base32."""
        assert temporary_id("中国平安", "salt") == "INEWCPZYMDBR7YBO7C"

    @pytest.mark.parametrize("key", ["", " ", "0", "空白"])
    def test_a_blank_gets_none(self, key: str) -> None:
        """A row without a customer stays without an id."""
        assert temporary_id(key, "salt") is None

    @given(any_text, any_text)
    @example("\ud800", "\udfff")
    def test_it_is_never_taken_for_an_id(self, key: str, salt: str) -> None:
        """Read back from a dataset, a temporary id is told from a real one."""
        made = temporary_id(key, salt)
        assert usable_id(made) is None
        assert made is None or len(made) == 18

    def test_other_keys_and_other_salts_give_other_ids(self) -> None:
        """Two customers do not share one, and without the salt nobody can make it."""
        keys_and_salts = [("平安", "salt"), ("平安", "pepper"), ("中国", "salt"), ("平安", "")]
        assert len({temporary_id(key, salt) for key, salt in keys_and_salts}) == 4


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\ufeff", "\u202e", "\u2060"])
def test_what_nobody_sees_is_in_the_key_and_not_in_the_query(sign: str) -> None:
    """The stored keys have it, so the key keeps it; EQC is asked, and names compare, without."""
    raw = f"天{sign}泽公司"
    assert raw == lookup_key(raw)
    assert ("天泽公司", "天泽公司") == (query_for([raw]), written_form(raw))
