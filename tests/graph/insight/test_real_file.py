"""Figures over a real file of the CFPB against pandas on the same file, where it is at hand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
import pytest_asyncio

from api.services import Services, open_services
from benchmarks.rewritten import textless
from graph.database import Database
from graph.domain.enums import CatalogueKind
from graph.domain.periods import Interval
from graph.embedded import Connection
from graph.insight.causes import root_cause_tree
from graph.insight.cohort import Cohort
from graph.insight.hotspots import HotspotDimension, hotspots
from graph.insight.trend import TrendRequest, trend
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.trees import Facet
from ingest.sources import cfpb
from ingest.sources.cfpb import CHANNELS
from tests.support.bank import bank_settings
from tests.support.graph import wipe

FILE = Path(__file__).parents[4] / "shared" / "data" / "cfpb_structured.csv.gz"
#: Days of the file are days of the bank's zone.
ZONE = ZoneInfo("Asia/Shanghai")
#: (name, name of the wider one) of a code.
Named = dict[tuple[str, str], tuple[str, str | None]]

pytestmark = [
    pytest.mark.graph,
    pytest.mark.skipif(not FILE.exists(), reason="the real file is not at hand"),
]


@dataclass(frozen=True, slots=True)
class Loaded:
    services: Services
    table: pd.DataFrame
    names: Named

    def rows(self, kind: CatalogueKind, code: str, columns: tuple[str, str]) -> pd.Series:
        """Which rows of the file have a code, or one under it."""
        name, wider = self.names[kind, code]
        first, second = (self.table[column].fillna("") for column in columns)
        return first == name if wider is None else (first == wider) & (second == name)


PRODUCT, ISSUE = ("Product", "Sub-product"), ("Issue", "Sub-issue")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def loaded(
    neo4j_engine: Connection, session_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Loaded]:
    await wipe(session_database)
    settings = bank_settings(neo4j_engine, tmp_path_factory.mktemp("real"))
    async with open_services(settings) as services:
        assert services.zone == ZONE
        source = textless(cfpb(FILE, ZONE, datetime.now(UTC)))
        report = await services.importer.run(source)
        table = pd.read_csv(FILE, dtype=str)
        assert (report.loaded, report.rejected) == (len(table), 0)
        rows = await services.database.read(
            "MATCH (n:Product|RootCause) OPTIONAL MATCH (n)-[:PART_OF]->(w) "
            "RETURN labels(n)[0] AS kind, n.code AS code, n.name AS name, w.name AS wider"
        )
        names = {(row["kind"], row["code"]): (row["name"], row["wider"]) for row in rows}
        yield Loaded(services, table, names)
    await wipe(session_database)


async def test_trends_count_the_file_s_rows(loaded: Loaded) -> None:
    received = pd.to_datetime(loaded.table["Date received"])
    database, now = loaded.services.database, datetime.now(UTC)
    for interval, frequency in ((Interval.MONTH, "M"), (Interval.WEEK, "W-SUN")):
        starts = received.dt.to_period(frequency).dt.start_time.dt.date
        found = await trend(
            database, Cohort(EVERY_COMPLAINT), None, TrendRequest(interval), ZONE, now
        )
        assert found is not None
        (series,) = found.series
        shown = {p.bucket.start: p.count for p in series.points}
        told = dict(starts[starts >= min(shown)].value_counts())
        assert {day: count for day, count in shown.items() if count} == told
    request = TrendRequest(Interval.YEAR, Facet.PRODUCT, depth=0, first=100)
    years = received.dt.year
    answer = await trend(database, Cohort(EVERY_COMPLAINT), None, request, ZONE, now)
    assert answer is not None
    products = answer.series
    shown_years = {point.bucket.start.year for point in products[0].points}
    assert len(products) == loaded.table.Product[years.isin(shown_years)].nunique() > 10
    for series in products:
        assert series.code is not None
        own = years[loaded.rows(CatalogueKind.PRODUCT, series.code, PRODUCT)]
        for point in series.points:
            assert point.count == (own == point.bucket.start.year).sum()


async def test_the_tree_of_causes_counts_the_file_s_rows(loaded: Loaded) -> None:
    tree = await root_cause_tree(loaded.services.database, Cohort(EVERY_COMPLAINT))
    assert len(tree.entries) > 100
    for entry in tree.entries:
        rows = loaded.rows(CatalogueKind.ROOT_CAUSE, entry.code, ISSUE)
        assert entry.total == rows.sum()
        assert entry.share is not None
        assert entry.share.value == pytest.approx(rows.sum() / tree.known, rel=1e-9)
        if entry.depth == 0:
            assert entry.direct == (rows & loaded.table["Sub-issue"].isna()).sum()
    assert tree.known == loaded.table.Issue.notna().sum()


async def test_hotspots_count_the_file_s_rows(loaded: Loaded) -> None:
    dimensions = [
        HotspotDimension.PRODUCT,
        HotspotDimension.ROOT_CAUSE,
        HotspotDimension.CHANNEL,
        HotspotDimension.MONTH,
    ]
    found = await hotspots(loaded.services.database, Cohort(EVERY_COMPLAINT), dimensions, ZONE, 100)
    assert len(found) > 20
    months = pd.to_datetime(loaded.table["Date received"]).dt.to_period("M").dt.start_time.dt.date
    channels = loaded.table["Submitted via"].map(CHANNELS)
    for hit in found:
        rows = pd.Series(data=True, index=loaded.table.index)
        for dimension, code in hit.codes.items():
            if dimension is HotspotDimension.PRODUCT:
                rows &= loaded.rows(CatalogueKind.PRODUCT, code, PRODUCT)
            elif dimension is HotspotDimension.ROOT_CAUSE:
                rows &= loaded.rows(CatalogueKind.ROOT_CAUSE, code, ISSUE)
            elif dimension is HotspotDimension.CHANNEL:
                rows &= channels == code
            else:
                rows &= months == date.fromisoformat(code)
        assert hit.excess.count == rows.sum(), hit.codes
