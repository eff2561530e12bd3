"""What EQC says of companies goes to enterprise.base_info, and only then counts as flushed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from eqcbatch.domain.model.companies import CompanyInfo
from eqcbatch.eqc.company_facts import merged_facts, read_business_info, read_search_item
from eqcbatch.flush.batches import send_batches
from eqcbatch.flush.flush_report import Sent

if TYPE_CHECKING:
    from eqcbatch.ledger import Companies
    from eqcbatch.ledger.companies import Answers
    from eqcbatch.postgres import Postgres

BATCH = 200  # companies, with all that EQC said of each


def send(companies: Companies, postgres: Postgres, *, refused: bool) -> Sent:
    """Send the companies of which something came; `refused` tries again what Postgres refused before."""
    if not companies.due(1, refused=refused):
        return Sent()
    with postgres.base_info() as table:
        return send_batches(
            companies,
            lambda batch: table.upsert([_company_info(answers) for answers in batch]),
            attrgetter("company_id"),
            refused=refused,
            size=BATCH,
        )


def _company_info(answers: Answers) -> CompanyInfo:
    """The row of a company; where search and findDepart both say something, the search counts.

    Where EQC was asked by the id again, what it said then is the later word.
    """
    offered = read_search_item(_content(answers.search_answer), answers.company_id)
    told = read_business_info(_content(answers.business_info))
    return CompanyInfo(
        answers.company_id,
        answers.search_keyword,
        merged_facts(told, offered) if answers.reverified else merged_facts(offered, told),
        raw_data=answers.search_answer,
        raw_business_info=answers.business_info,
        raw_biz_label=answers.labels,
        api_fetched_at=answers.answered_at,
    )


def _content(answer: str | None) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(answer) if answer else {}
    return content
