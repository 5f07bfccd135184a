"""The bank as a source: the same every time, with codes that exist."""

import itertools
from collections import Counter

from graph.domain.enums import AmountBand, CaseStatus, CatalogueKind, Level
from graph.domain.money import AmountBands
from graph.domain.vocabulary import RISK_TYPES, TYPES
from ingest.demo import SYSTEM, DemoOptions, DemoSource, catalogue, complaints
from ingest.record import Chain, IncomingComplaint
from ingest.sources import Source

OPTIONS = DemoOptions(600, 21)
KNOWN = {(entry.kind, entry.code): entry for entry in catalogue(OPTIONS)}


def test_the_same_options_give_the_same_bytes() -> None:
    assert repr(list(complaints(OPTIONS))) == repr(list(complaints(DemoOptions(600, 21))))


def test_another_seed_or_size_gives_another_bank_with_other_ids() -> None:
    banks = [DemoOptions(600, 21), DemoOptions(600, 22), DemoOptions(601, 21)]
    banks.append(DemoOptions(600, 21, planted=False))
    made = [list(complaints(options)) for options in banks]
    for one, other in itertools.combinations(made, 2):
        assert not {each.source_id for each in one} & {each.source_id for each in other}
        assert len({e.narrative for e in one} & {e.narrative for e in other}) < 30


def test_rows_are_the_complaints_in_order() -> None:
    source: Source = DemoSource(OPTIONS)
    rows = list(source.rows())
    assert source.system == SYSTEM
    assert [row.line for row in rows] == list(range(1, 601))
    assert [row.content for row in rows] == list(complaints(OPTIONS))


def test_ids_are_unique_and_follow_the_order_of_receipt() -> None:
    made = list(complaints(OPTIONS))
    ids = [each.source_id or "" for each in made]
    assert ids == sorted(set(ids))
    assert {each.source_system for each in made} == {SYSTEM}


def chains(each: IncomingComplaint) -> list[tuple[CatalogueKind, Chain]]:
    return [
        (CatalogueKind.PRODUCT, each.product),
        (CatalogueKind.BRANCH, each.branch),
        *((CatalogueKind.DEPARTMENT, chain) for chain, _ in each.departments),
        *((CatalogueKind.ROOT_CAUSE, cause.chain) for cause in each.causes),
    ]


def test_every_code_is_in_the_catalogue_with_the_whole_chain_above_it() -> None:
    for each in complaints(OPTIONS):
        for kind, chain in chains(each):
            assert chain[0].wider is None
            for entry, following in itertools.pairwise(chain):
                assert following.wider == entry.code
            assert all(KNOWN[kind, entry.code] == entry for entry in chain)
        assert each.type is None or each.type in TYPES
        assert set(each.risk_types) <= set(RISK_TYPES)


def test_a_registered_complaint_is_not_classified_yet() -> None:
    made = [each for seed in range(6) for each in complaints(DemoOptions(600, seed))]
    fresh = [each for each in made if each.status is CaseStatus.REGISTERED]
    assert fresh
    for each in fresh:
        assert not each.departments
        assert not each.causes
        assert (each.type, each.severity, each.assignee) == (None, None, None)


def test_causes_are_known_of_nearly_all_decided_complaints() -> None:
    made = list(complaints(OPTIONS))
    assert not any(each.causes for each in made if not each.decisions)
    decided = [each for each in made if each.decisions]
    assert sum(bool(each.causes) for each in decided) > 0.93 * len(decided)
    for each in decided:
        shares = [cause.share or 0 for cause in each.causes]
        assert not shares or abs(sum(shares) - 1) < 1e-9


def test_levels_and_amounts_vary() -> None:
    made = list(complaints(DemoOptions(3000, 5)))
    levels = Counter(each.level for each in made)
    assert 0.05 < (levels[Level.YELLOW] + levels[Level.RED]) / len(made) < 0.2
    assert levels[Level.RED] > 10
    bands = Counter(AmountBands().band(each.amount) for each in made if each.amount)
    assert set(bands) == set(AmountBand)
