"""Changing the model: a second space beside the first, and one write that switches over."""

from pathlib import Path

import pytest

from api.services import open_services
from graph.consistency import check
from graph.domain.scope import WHOLE_BANK
from graph.domain.spaces import SpaceState
from graph.embedded import Connection
from graph.errors import ConfigurationError
from graph.progress import silent
from graph.queries.spaces import spaces
from scripts.maintenance import change_space
from similarity.encoding import AsyncEncoder, EncoderOptions
from similarity.finder import SearchMode
from tests.similarity.encoding.conftest import tiny_folder
from tests.support.bank import Bank, bank, bank_settings

__all__ = ["bank", "tiny_folder"]

pytestmark = pytest.mark.graph


async def test_searches_go_on_while_the_model_changes(
    bank: Bank, neo4j_engine: Connection, tiny_folder: Path, tmp_path: Path
) -> None:
    services = bank.services
    before = services.book.active.space
    other = AsyncEncoder(EncoderOptions(model=str(tiny_folder)))
    await other.ready()
    try:
        facts = await change_space(services.database, other, silent)
        assert facts["changed"]
        assert facts["encoded"] == 55
        # The running service answers from its old space until it notices, then from the new one.
        assert services.book.active.space == before
        old = await services.finder.search(
            "年费", filters=None, scope=WHOLE_BANK, mode=SearchMode.VECTOR, first=5
        )
        await services.book.refresh()
        assert services.book.active.space.name == other.name
        new = await services.finder.search(
            "年费", filters=None, scope=WHOLE_BANK, mode=SearchMode.VECTOR, first=5
        )
        assert len(old) == len(new) == 5
        states = {space.name: space.state for space in await spaces(services.database)}
        assert states == {before.name: SpaceState.RETIRED, other.name: SpaceState.ACTIVE}
        assert (await check(services.database)).clean
        assert not (await change_space(services.database, other, silent))["changed"]
        with pytest.raises(ConfigurationError) as refused:
            async with open_services(bank_settings(neo4j_engine, tmp_path)):
                pass
        assert "reembed" in refused.value.message
    finally:
        await other.close()
