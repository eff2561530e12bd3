"""What an answer of EQC means: the table of docs/domain.md section 2, and answers that nobody foresaw."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from eqcbatch.domain.model import Candidate, Endpoint, Outcome, Reply
from eqcbatch.eqc.responses import parse_retry_after, read_answer, read_candidates

SEARCH, DEPART, LABELS, ALL = (
    Endpoint.SEARCH,
    Endpoint.FIND_DEPART,
    Endpoint.FIND_LABELS,
    Endpoint.SEARCH_ALL,
)
DETAILS = (DEPART, LABELS)
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)
ITEM = {"companyId": 600000001, "companyFullName": "北京金龙物流有限公司"}
NAMES = {"search": "list", "searchAll": "list", "findDepart": "businessInfodto", "findLabels": "labels"}


def read(endpoint: Endpoint, body: object, status: int = 200, **headers: str) -> Reply:
    """Read an answer; its body as JSON unless it is bytes already."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=True).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_answer(endpoint, status, CaseInsensitiveDict(named), raw, 1.5, NOW)


def candidate(**fields: Any) -> Candidate:
    """The one candidate of a search that lists one item, with an id unless these fields say otherwise."""
    (found,) = read_candidates({"list": [ITEM | fields]})
    return found


class TestStatus:
    """What the status alone says."""

    @pytest.mark.parametrize("endpoint", Endpoint)
    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            (401, Outcome.AUTH),
            (301, Outcome.AUTH),
            (302, Outcome.AUTH),
            (303, Outcome.AUTH),
            (307, Outcome.AUTH),
            (403, Outcome.REFUSED),
            (429, Outcome.RATE_LIMITED),
            (500, Outcome.SERVER_ERROR),
            (502, Outcome.SERVER_ERROR),
            (503, Outcome.SERVER_ERROR),
            (504, Outcome.SERVER_ERROR),
            (599, Outcome.SERVER_ERROR),
            (201, Outcome.BAD_RESPONSE),
            (204, Outcome.BAD_RESPONSE),
            (400, Outcome.BAD_RESPONSE),
            (405, Outcome.BAD_RESPONSE),
            (418, Outcome.BAD_RESPONSE),
        ],
    )
    def test_a_status_but_200_means_one_thing_everywhere(
        self, endpoint: Endpoint, status: int, outcome: Outcome
    ) -> None:
        """Whatever the body says: none of these tells anything about a company."""
        reply = read(endpoint, {NAMES[endpoint]: []}, status)
        assert (outcome, status, {}) == (reply.outcome, reply.http_status, reply.content)

    @pytest.mark.parametrize(
        ("endpoint", "outcome"),
        [
            (SEARCH, Outcome.BAD_RESPONSE),
            (ALL, Outcome.BAD_RESPONSE),
            (DEPART, Outcome.NOT_FOUND),
            (LABELS, Outcome.NOT_FOUND),
        ],
    )
    def test_404_is_no_match_for_details_only(self, endpoint: Endpoint, outcome: Outcome) -> None:
        """On a search it is a wrong URL or a broken API, never "no match"."""
        assert outcome == read(endpoint, b"", 404).outcome

    def test_only_403_blocks(self) -> None:
        """`{"error": ...}` refuses one request; 403 shuts us out as a whole."""
        blocked = [read(SEARCH, b"", 403).blocked, read(SEARCH, {"error": "No"}).blocked]
        assert [True, False] == blocked


class TestContent:
    """What the JSON of a 200 says."""

    @pytest.mark.parametrize(
        ("endpoint", "content", "outcome"),
        [
            (SEARCH, {"list": [ITEM]}, Outcome.ANSWERED),
            (SEARCH, {"list": [ITEM], "error": None}, Outcome.ANSWERED),
            (SEARCH, {"list": [ITEM], "error": ""}, Outcome.ANSWERED),
            (SEARCH, {"list": []}, Outcome.NOT_FOUND),
            (SEARCH, {"list": None}, Outcome.NOT_FOUND),
            (SEARCH, {}, Outcome.BAD_RESPONSE),
            (SEARCH, {"code": 500}, Outcome.SERVER_ERROR),
            (SEARCH, {"code": 500, "msg": "系统繁忙"}, Outcome.SERVER_ERROR),
            (SEARCH, {"code": 200}, Outcome.BAD_RESPONSE),
            (SEARCH, {"code": 0, "data": {"list": []}}, Outcome.BAD_RESPONSE),
            (SEARCH, {"List": []}, Outcome.BAD_RESPONSE),
            (SEARCH, {"businessInfodto": {}}, Outcome.BAD_RESPONSE),
            (SEARCH, {"list": "none"}, Outcome.BAD_RESPONSE),
            (SEARCH, {"list": 0}, Outcome.BAD_RESPONSE),
            (SEARCH, {"list": False}, Outcome.BAD_RESPONSE),
            (SEARCH, {"list": {"0": ITEM}}, Outcome.BAD_RESPONSE),
            (SEARCH, {"list": [None]}, Outcome.BAD_RESPONSE),
            (SEARCH, {"list": [[]]}, Outcome.BAD_RESPONSE),
            (SEARCH, {"list": [[ITEM]]}, Outcome.BAD_RESPONSE),
            (SEARCH, {"list": [{}]}, Outcome.BAD_RESPONSE),
            (ALL, {"list": [ITEM]}, Outcome.ANSWERED),
            (ALL, {"list": []}, Outcome.NOT_FOUND),
            (ALL, {"total": 0}, Outcome.BAD_RESPONSE),
            (DEPART, {"businessInfodto": {"address": "北京"}}, Outcome.ANSWERED),
            (DEPART, {"businessInfodto": {}}, Outcome.NOT_FOUND),
            (DEPART, {"businessInfodto": None}, Outcome.NOT_FOUND),
            (DEPART, {}, Outcome.NOT_FOUND),
            (DEPART, {"code": 500}, Outcome.SERVER_ERROR),
            (DEPART, {"businessInfodto": [1]}, Outcome.BAD_RESPONSE),
            (DEPART, {"businessInfodto": "x"}, Outcome.BAD_RESPONSE),
            (LABELS, {"labels": [{"type": "行业分类", "labels": []}]}, Outcome.ANSWERED),
            (LABELS, {"labels": []}, Outcome.NOT_FOUND),
            (LABELS, {"labels": None}, Outcome.NOT_FOUND),
            (LABELS, {}, Outcome.BAD_RESPONSE),
            (LABELS, {"labels": {"type": "x"}}, Outcome.BAD_RESPONSE),
        ],
    )
    def test_an_answer_means_what_its_key_holds(
        self, endpoint: Endpoint, content: object, outcome: Outcome
    ) -> None:
        """Nothing under the endpoint's own key is "no match"; anything unexpected is a bad answer."""
        assert outcome == read(endpoint, content).outcome

    @pytest.mark.parametrize(
        ("company_id", "outcome"),
        [
            ("600000001", Outcome.ANSWERED),
            (600000001, Outcome.ANSWERED),
            (None, Outcome.ANSWERED),
            ("undefined", Outcome.ANSWERED),
            ("699999999", Outcome.BAD_RESPONSE),
            (60000001, Outcome.BAD_RESPONSE),
        ],
    )
    def test_details_of_another_company_are_a_bad_answer(self, company_id: object, outcome: Outcome) -> None:
        """Where they say whose they are, by an id however it is written."""
        body = json.dumps({"businessInfodto": {"companyId": company_id, "address": "北京"}}).encode()
        assert outcome == read_answer(DEPART, 200, {}, body, 0.1, NOW, asked="600000001").outcome

    @pytest.mark.parametrize("endpoint", Endpoint)
    @pytest.mark.parametrize("error", ["TokenExpired", "token expired", "Invalid TOKEN", {"code": "Token"}])
    def test_an_expired_token_is_never_no_match(self, endpoint: Endpoint, error: object) -> None:
        """EQC says so with 200, even beside an empty list."""
        reply = read(endpoint, {"error": error, NAMES[endpoint]: []})
        assert (Outcome.AUTH, {}) == (reply.outcome, reply.content)

    @pytest.mark.parametrize("endpoint", Endpoint)
    @pytest.mark.parametrize("error", ["SomethingElse", 500, ["x"], {"code": 1}, True])
    def test_any_other_error_refuses_the_request(self, endpoint: Endpoint, error: object) -> None:
        """Whatever else the answer holds: it says nothing about the company."""
        reply = read(endpoint, {"error": error, NAMES[endpoint]: [ITEM]})
        assert (Outcome.REFUSED, {}) == (reply.outcome, reply.content)

    def test_the_detail_of_a_refusal_is_short(self) -> None:
        """An error of any length makes one phrase."""
        assert len("refused: ") + 80 == len(read(SEARCH, {"error": "x" * 10_000}).detail)

    @pytest.mark.parametrize("endpoint", Endpoint)
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b'{"list":[{"companyId":1',
            b"[]",
            b'"list"',
            b"null",
            b"0",
            b"true",
            b"\xff\xfe\xfa",
            b"\x00",
            b'{"list":[]}garbage',
            b"[" * 100_000,
            b'{"list":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
            b'{"list":[{"companyId":' + b"9" * 5000 + b"}]}",
        ],
        ids=lambda body: repr(body[:24]),
    )
    def test_what_is_no_json_object_is_a_bad_answer(self, endpoint: Endpoint, body: bytes) -> None:
        """Empty, cut short, nested without end, or JSON that is no object."""
        assert Outcome.BAD_RESPONSE == read(endpoint, body).outcome

    @pytest.mark.parametrize("depth", range(900, 1000, 9))
    def test_an_error_nested_to_the_limit_is_no_defect(self, depth: int) -> None:
        """What the reader of JSON just bears must not break the writer of the detail."""
        body = b'{"error":' + b"[" * depth + b"]" * depth + b"}"
        assert not read(SEARCH, body).outcome.usable

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"<!DOCTYPE html><html>login</html>", ""),
            (b"\r\n\t <html>", "application/json"),
            (b"<?xml version='1.0'?>", "application/json"),
            (b"login", "text/html;charset=UTF-8"),
            (b"", "TEXT/HTML"),
            (b'{"list":[]}', "text/html"),
        ],
    )
    def test_a_page_means_that_the_session_is_gone(self, body: bytes, content_type: str) -> None:
        """A login page comes with 200, and counts as what it is by its type or its first character."""
        assert Outcome.AUTH == read(SEARCH, body, content_type=content_type).outcome

    @pytest.mark.parametrize(
        "body",
        [
            b'{"list":[{"companyId":1}],"list":[]}',
            b'{"error":"TokenExpired","error":null,"list":[]}',
            b'{"list":[{"companyId":1,"companyId":2}]}',
        ],
    )
    def test_an_answer_that_says_two_things_under_one_key_is_bad(self, body: bytes) -> None:
        """Whichever of the two counted, it could be a wrong id, or no match for a name that has one."""
        assert Outcome.BAD_RESPONSE == read(SEARCH, body).outcome

    def test_a_key_that_stands_twice_and_says_the_same_harms_nothing(self) -> None:
        """It leaves no doubt."""
        assert Outcome.NOT_FOUND == read(SEARCH, b'{"list":[],"list":[]}').outcome

    def test_a_usable_reply_carries_the_whole_object(self) -> None:
        """With status and time as given."""
        content = {"list": [ITEM], "total": 1}
        reply = read(SEARCH, content)
        assert (200, 1.5, content, None) == (
            reply.http_status,
            reply.elapsed_s,
            reply.content,
            reply.archived_at,
        )


class TestCandidates:
    """What a search offers."""

    def test_an_item_becomes_a_candidate(self) -> None:
        """Field by field, as docs/domain.md section 2 spells them."""
        item = {
            "companyId": 600000001,
            "companyFullName": " 北京金龙物流有限公司 ",
            "type": "模糊匹配",
            "_score": "12.5",
            "unite_code": "91110000X",
            "registeredStatus": "存续",
            "company_former_name": "甲公司,乙公司，丙公司",
            "company_short_name": " 金龙物流",
            "is_list": [1],
        }
        expected = Candidate(
            rank=1,
            company_id="600000001",
            official_name="北京金龙物流有限公司",
            match_type="模糊匹配",
            score=12.5,
            unite_code="91110000X",
            registered_status="存续",
            former_names=("甲公司", "乙公司", "丙公司"),
            short_name="金龙物流",
        )
        assert (expected,) == read_candidates({"list": [None, item]})

    @pytest.mark.parametrize(
        ("written", "company_id"),
        [
            (600000001, "600000001"),
            ("600000001", "600000001"),
            (" 600000001\n", "600000001"),
            ("0012", "0012"),
            (12345678901234567890, "12345678901234567890"),
            (600000001.0, "600000001"),
            ("A-1", "A-1"),
            ("x1" * 50, "x1" * 50),
        ],
    )
    def test_an_id_is_kept_as_text(self, written: object, company_id: str) -> None:
        """A number or a string; leading zeros and all digits stay."""
        assert company_id == candidate(companyId=written).company_id

    @pytest.mark.parametrize(
        "written",
        [
            *(None, "", "  ", "NULL", "null", "N/A", "NaN", "none", "n"),
            *(True, False, [], [1], {}, {"id": 1}),
            *(1.5, 1e300, float("inf"), float("nan"), -1, -2.0),
            *("undefined", "[object Object]", "NaN", "1.5", 0, "0", "000", "-1", "-", "６００００００００１"),
            *("=HYPERLINK(1)", "=1+1", "'600000001", "600000001,600000002", "深圳1", "6 1", "6\n1"),
            "INABCDEFGHIJKLMN2P",
        ],
    )
    def test_what_is_no_id_makes_no_candidate(self, written: object) -> None:
        """And an answer with matches but no id at all is a bad one, not "no match"."""
        listed = [{**ITEM, "companyId": written}]
        assert ((), Outcome.BAD_RESPONSE) == (
            read_candidates({"list": listed}),
            read(SEARCH, {"list": listed}).outcome,
        )

    @pytest.mark.parametrize("written", ["1" * 101, "1" * 300])
    def test_an_id_that_fits_no_column_spoils_the_answer(self, written: str) -> None:
        """An id of over 100 characters is nothing to shorten."""
        content = {"list": [ITEM, ITEM | {"companyId": written}]}
        assert Outcome.BAD_RESPONSE == read(SEARCH, content).outcome

    def test_items_without_an_id_keep_their_rank(self) -> None:
        """The rank is the place in EQC's list."""
        listed = [{"companyId": None}, "x", 7, ITEM, [ITEM], ITEM | {"companyId": "2"}]
        assert [3, 5] == [found.rank for found in read_candidates({"list": listed})]

    @pytest.mark.parametrize("wrong", [None, True, [], ["x"], {}, {"a": "b"}, "", "  \n"])
    def test_a_field_of_the_wrong_type_is_missing(self, wrong: object) -> None:
        """It costs the field, never the company."""
        fields = (
            "companyFullName type _score unite_code registeredStatus registered_status company_former_name"
        )
        expected = Candidate(rank=0, company_id="600000001")
        assert expected == candidate(**dict.fromkeys(fields.split(), wrong))

    @pytest.mark.parametrize(
        ("written", "score"),
        [
            (3, 3.0),
            ("3.5", 3.5),
            ("x", None),
            ("", None),
            (True, None),
            (10**400, None),
            (float("inf"), None),
            (float("nan"), None),
            ("1e999", None),
        ],
    )
    def test_a_score_is_a_finite_number_or_none(self, written: object, score: float | None) -> None:
        """Neither infinities nor words reach the ledger."""
        assert score == candidate(_score=written).score

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"registeredStatus": "存续"}, "存续"),
            ({"registered_status": "注销"}, "注销"),
            ({"registeredStatus": "", "registered_status": "注销"}, "注销"),
            ({"registeredStatus": "存续", "registered_status": "注销"}, "存续"),
        ],
    )
    def test_the_status_has_two_spellings(self, fields: dict[str, str], status: str) -> None:
        """The first that says something counts."""
        assert status == candidate(**fields).registered_status

    @pytest.mark.parametrize(
        ("written", "names"),
        [
            ("甲", ("甲",)),
            ("甲,乙", ("甲", "乙")),
            ("甲，乙", ("甲", "乙")),
            (" 甲 ，, 乙 ,", ("甲", "乙")),
            (",，,", ()),
            (42, ("42",)),
        ],
    )
    def test_former_names_are_split_at_both_commas(self, written: object, names: tuple[str, ...]) -> None:
        """Half-width and full-width, blanks around them or not."""
        assert names == candidate(company_former_name=written).former_names

    @pytest.mark.parametrize("escape", ["\\ud800", "\\udfff", "\\u0000"])
    def test_text_that_no_database_takes_is_replaced(self, escape: str) -> None:
        """A lone surrogate or NUL becomes U+FFFD, so that SQLite and Postgres take it."""
        body = f'{{"list":[{{"companyId":1,"companyFullName":"甲{escape}乙"}}]}}'.encode()
        (found,) = read_candidates(read(SEARCH, body).content)
        assert "甲\ufffd乙" == found.official_name

    def test_a_surrogate_pair_is_one_character(self) -> None:
        """An escaped emoji or rare character comes through whole."""
        (found,) = read_candidates(json.loads(r'{"list":[{"companyId":1,"companyFullName":"\ud842\udfb7"}]}'))
        assert "\U00020bb7" == found.official_name


class TestRetryAfter:
    """How long a 429 asks to be left alone."""

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            (None, None),
            ("0", 0.0),
            ("7", 7.0),
            (" 120 ", 120.0),
            ("999999999999", 999999999999.0),
            (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
            ("Sun, 01 Mar 2026 20:02:00 +0800", 120.0),
            ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
            ("", None),
            ("  ", None),
            ("soon", None),
            ("-5", None),
            ("1.5", None),
            ("5s", None),
            ("Wed, 99 Oct 2015 07:28:00 GMT", None),
            ("Wed, 21 Oct 99999 07:28:00 GMT", None),
            ("Wed, 21 Oct 2015 07:28:00 +99999999", None),
            ("Wed, 21 Oct 2015 07:28:00 +" + "9" * 30, None),
        ],
    )
    def test_seconds_or_a_date_or_nothing(self, header: str | None, seconds: float | None) -> None:
        """A past date asks for nothing; garbage says nothing."""
        assert seconds == parse_retry_after(header, NOW)

    @pytest.mark.parametrize("status", [429, 503, 403])
    def test_a_reply_says_how_long_to_wait(self, status: int) -> None:
        """Whatever the name's case, as HTTP has it."""
        assert 30.0 == read(SEARCH, b"", status, retry_after="30").retry_after_s

    @given(st.text())
    @example("Wed, 21 Oct 2015 07:28:00 +999999999999")
    @example("1 1 1 1 1 1")
    @example("0\x1f")
    def test_no_header_raises(self, header: str) -> None:
        """Seconds from 0, or None."""
        seconds = parse_retry_after(header, NOW)
        assert seconds is None or seconds >= 0


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
anything = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=8
)
fields = st.sampled_from(
    ["companyId", "companyFullName", "type", "_score", "company_former_name", "registeredStatus"]
)
items = st.lists(st.dictionaries(fields, anything) | anything, max_size=4)
answers = st.fixed_dictionaries(
    {}, optional={"list": items | anything, "error": anything, "labels": anything}
)
headers = st.dictionaries(
    st.sampled_from(["Content-Type", "Retry-After"]), st.text() | st.sampled_from(["text/html", "5"])
)


class TestAnything:
    """Whatever a server says."""

    @given(
        st.sampled_from(Endpoint),
        st.sampled_from([200, 200, 204, 302, 404, 429, 500]) | st.integers(0, 999),
        headers,
        st.binary() | answers.map(lambda content: json.dumps(content).encode()),
    )
    def test_no_answer_raises(
        self, endpoint: Endpoint, status: int, headers: dict[str, str], body: bytes
    ) -> None:
        """It becomes a reply, and only a usable one carries content."""
        reply = read_answer(endpoint, status, CaseInsensitiveDict(headers), body, 0.1, NOW)
        assert reply.outcome.usable or not reply.content

    @given(st.sampled_from(Endpoint), st.binary())
    def test_what_is_no_json_is_never_usable(self, endpoint: Endpoint, body: bytes) -> None:
        """No noise on the line is "no match"."""
        try:
            json.loads(body)
        except ValueError:
            assert not read_answer(endpoint, 200, {}, body, 0.1, NOW).outcome.usable

    @given(answers)
    def test_candidates_can_be_stored(self, content: dict[str, Any]) -> None:
        """Every candidate of a usable answer has an id of 1 to 100 characters, and text that is UTF-8."""
        reply = read(SEARCH, content)
        for found in read_candidates(reply.content):
            texts = [found.company_id, found.official_name or "", found.match_type or "", *found.former_names]
            assert "\0" not in "".join(texts).encode("utf-8").decode()
            assert 1 <= len(found.company_id) <= 100
