"""A service whose model runs on a server elsewhere: it works, and nothing personal leaves."""

from pathlib import Path

import pytest

from api.services import open_services
from api.settings import Settings
from benchmarks.operations.wide import ask
from graph.consistency import check
from graph.embedded import Connection
from graph.progress import silent
from scripts.maintenance import change_space
from similarity.encoding import AsyncEncoder, Encoder
from tests.support.bank import Bank, bank, bank_settings
from tests.support.embeddings import MODEL, Embeddings, serving
from tests.support.encoder import encoder

__all__ = ["bank", "encoder"]

pytestmark = pytest.mark.graph

_NAME, _MOBILE, _PERSON_ID = "欧阳建国", "13812345678", "11010519491231002X"
_CARD, _MAIL = "6222021234567890128", "ouyang.jianguo@example.com"
_TEXT = (
    f"我叫{_NAME}，身份证号{_PERSON_ID}，手机{_MOBILE}，邮箱{_MAIL}。"
    f"卡号{_CARD}的信用卡年费没有提前告知就扣了300元，要求退还。"
)
_ASKED = """
query ($asked: String!, $about: RegisterComplaintInput!) {
  registrationPreview(input: $about) { narrative }
  searchComplaints(text: $asked, mode: VECTOR, first: 3) { complaint { reference } }
  precedents(text: $asked, first: 3) { score }
  findCases(text: $asked) { __typename }
}
"""
_REGISTER = """
mutation ($i: RegisterComplaintInput!) { registerComplaint(input: $i) {
  errors { message } complaint { similar(first: 3) { score } }
} }
"""


def settings_of(engine: Connection, home: Path, server: Embeddings) -> Settings:
    settings = bank_settings(engine, home)
    chosen = settings.encoder.model_copy(update={"model": f"remote:{MODEL}", "url": server.url})
    return settings.model_copy(update={"encoder": chosen})


async def test_the_model_of_a_server_serves_and_sees_nothing_personal(
    bank: Bank, encoder: Encoder, neo4j_engine: Connection, tmp_path: Path
) -> None:
    with serving(encoder) as server:
        settings = settings_of(neo4j_engine, tmp_path, server)
        remote = AsyncEncoder(settings.encoder_options())
        await remote.ready()
        facts = await change_space(bank.services.database, remote, silent)
        assert facts["encoded"] == 55
        await remote.close()
        async with open_services(settings) as services:
            assert services.encoder.name == services.book.active.space.name
            before = len(server.asked)
            about = {"narrative": _TEXT, "channel": "PHONE"}
            answer = await ask(services, _ASKED, asked=_TEXT, about=about)
            assert len(answer["searchComplaints"]) == 3
            assert answer["precedents"]
            assert len(server.asked) > before
            before = len(server.asked)
            about = {**about, "narrative": f"{_TEXT}已经投诉过一次。"}
            customer = {"mobile": _MOBILE, "name": _NAME}
            payload = await ask(services, _REGISTER, i={**about, "customer": customer})
            assert payload["registerComplaint"]["errors"] == []
            assert len(payload["registerComplaint"]["complaint"]["similar"]) == 3
            assert len(server.asked) > before
            assert (await check(services.database)).clean
        sent = "\n".join(server.texts)
        assert "年费没有提前告知" in sent
        for personal in (_NAME, _MOBILE, _PERSON_ID, _CARD, _MAIL):
            assert personal not in sent
