"""The closed sets: their words are read back as they are stored."""

from __future__ import annotations

import json

from eqcbatch.domain.model import IdSource, LookupType, NamePart, VerdictRule


def test_a_member_is_printed_and_stored_as_its_plain_text() -> None:
    """In every way in which a text can leave the program, and without a class of its own."""
    eqc = IdSource.EQC
    assert ["eqc"] * 3 == [f"{eqc}", str(eqc), json.loads(json.dumps(eqc))]
    assert str is type(str(eqc))


def test_a_contradiction_tells_its_part_again() -> None:
    """Each part has its rule, and no other rule has a part."""
    assert list(NamePart) == [VerdictRule.contradicting(part).contradicted for part in NamePart]
    assert len(NamePart) == len([rule for rule in VerdictRule if rule.contradicted])


def test_every_lookup_type_is_a_source_of_ids() -> None:
    """As the ledger has it: `index:` and the type."""
    assert [f"index:{kind}" for kind in LookupType] == [IdSource.of_index(kind) for kind in LookupType]
