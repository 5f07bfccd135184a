"""Code pages are told apart by the letters of their languages; thin evidence is said."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graph.errors import SourceError
from ingest.sources import suggest
from ingest.sources.alphabets import latin_pages
from ingest.sources.text import ENCODINGS, guess_encodings, text_lines

#: What customers write, by the encoding that files of their language come in.
TEXTS = [
    ("cp1250", "Bank dwukrotnie pobrał opłatę; złożyłem reklamację, ale nikt nie odpowiada."),
    ("cp1250", "Banka mi dvakrát strhla poplatek, přístup úřednice byl hrozný, úroky špatně."),
    ("cp1250", "Banka mi strhla poplatok, žiadam o vrátenie peňazí; prístup úradníčky bol hrozný."),
    ("cp1250", "A bank kétszer vonta le a díjat, az ügyintéző udvariatlan volt, kérem vissza."),
    ("cp1250", "Cardul a fost blocat fără motiv şi nimeni nu răspunde; vă rog restituiţi banii."),
    ("cp1250", "Čekao sam dva sata, službenica je bila neljubazna. Tražim objašnjenje i ispriku."),
    ("cp1251", "Карту заблокировали без причины, горячая линия не отвечает, верните деньги."),
    ("cp1251", "Картку заблокували без причини, гаряча лінія не відповідає, поверніть гроші."),
    ("cp1252", "Ma carte a été bloquée sans raison, les intérêts sont faux, ça suffit à l’agence."),
    (
        "cp1252",
        "Die Bank hat die Gebühr zweimal abgebucht, größte Frechheit, ich möchte es zurück.",
    ),
    ("cp1252", "El banco cobró la comisión dos veces, solicito la devolución. ¿Quién?"),
    ("cp1252", "O cartão foi bloqueado sem razão, o atendimento na agência foi péssimo."),
    ("cp1252", "Banken har dragit avgiften två gånger, jag vill ha pengarna nu på mitt konto."),
    ("cp1252", "Kortinu mínu var lokað án ástæðu og þjónustuverið svarar ekki í síma né pósti."),
    ("cp1253", "Η τράπεζα χρέωσε δύο φορές την προμήθεια, ζητώ επιστροφή χρημάτων αμέσως."),
    ("cp1254", "Şubede iki saat bekledim, görevli çok kaba davrandı. Ücretin iadesini istiyorum."),
    ("cp1255", "הבנק חייב אותי פעמיים בעמלה, אני מבקש החזר כספי, ואין מענה במוקד."),
    ("cp1256", "تم إيقاف بطاقتي دون سبب ولا أحد يرد على الهاتف، أطلب استرداد المبلغ."),
    ("cp1257", "Bankas du kartus nuskaičiavo mokestį, prašau grąžinti pinigus. Kortelė."),
    ("cp1257", "Karte tika bloķēta bez iemesla; filiālē gaidīju divas stundas, lūdzu atmaksāt."),
    ("cp874", "บัตรถูกระงับโดยไม่มีเหตุผล และไม่มีใครรับสาย ขอเงินคืน"),
    ("euc-kr", "카드가 이유 없이 정지되었고 상담원과 연결되지 않습니다. 환불해 주세요."),
    ("shift_jis", "カードが理由なく停止され、コールセンターにつながりません。"),
    ("gb18030", "信用卡无故被冻结，客服电话一直打不通。"),
    ("big5", "信用卡無故被凍結，客服電話一直打不通。"),
]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def written(tmp_path: Path, encoding: str, text: str, rows: int) -> Path:
    lines = "".join(f"{n},2024-03-{n % 28 + 1:02d},{text}\n" for n in range(rows))
    path = tmp_path / "a.csv"
    path.write_bytes(f"id,date,text\n{lines}".encode(ENCODINGS[encoding]))
    return path


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_a_text_shows_its_encoding(tmp_path: Path, encoding: str, text: str, rows: int) -> None:
    first, *_ = guess_encodings(written(tmp_path, encoding, text, rows))
    assert first == encoding


def test_accents_are_no_stray_bytes_though_few_lines_have_them(tmp_path: Path) -> None:
    path = written(tmp_path, "cp1252", "Card charged twice", 60)
    path.write_bytes(path.read_bytes() + "61,2024-03-05,café crème\n".encode("cp1252"))
    assert guess_encodings(path)[0] == "cp1252"


def test_utf_8_stays_sure_with_a_stray_byte(tmp_path: Path) -> None:
    path = written(tmp_path, "utf-8", "Ücret iadesi gecikti, şikâyetçiyim", 60)
    path.write_bytes(path.read_bytes() + b"61,2024-03-05,caf\xe9\n")
    assert guess_encodings(path) == ("utf-8",)


def test_what_few_bytes_show_is_said_with_the_others(tmp_path: Path) -> None:
    # One letter, which Danish, Lithuanian and Polish write at one place.
    path = written(tmp_path, "cp1252", "Beløbet er trukket", 1)
    assert guess_encodings(path) == ("cp1252", "cp1257", "cp1250")
    text = suggest(path, NOW, ZoneInfo("UTC"))
    assert tomllib.loads(text)["file"] == {"encoding": "cp1252"}
    assert "of which few tell; look at the texts: it may be cp1257 or cp1250" in text


def test_pages_that_give_one_text_are_one() -> None:
    assert latin_pages("größer für möglich".encode("cp1254")) == ("cp1252",)


EAST_ASIAN = {
    "gb18030": "信用卡分期手续费没有提前告知，要求退还多收的费用，客服一直没有回复",
    "big5": "信用卡分期手續費沒有提前告知，要求退還多收的費用，客服一直沒有回覆",
    "shift_jis": "カードが理由なく停止され、相談窓口に電話してもつながりません。返金してください。",
    "euc-kr": "카드가 이유 없이 정지되었고 상담원과 연결되지 않습니다. 환불해 주세요.",
}


@pytest.mark.parametrize("encoding", EAST_ASIAN)
@pytest.mark.parametrize("end", ["\n", ", "])
def test_where_a_sample_is_cut_does_not_matter(tmp_path: Path, encoding: str, end: str) -> None:
    """Also inside a character, and in a file of one line."""
    text = EAST_ASIAN[encoding]
    seen = set()
    for shift in range(8):
        content = "n,text\n" if end == "\n" else ""
        content += "x" * shift + (text + end) * 12_000
        data = content.encode(ENCODINGS[encoding])
        assert len(data) > 1 << 19
        (tmp_path / "a.csv").write_bytes(data)
        seen.add(guess_encodings(tmp_path / "a.csv"))
    assert seen == {(encoding,)}


def test_the_encoding_is_proposed_wherever_the_sample_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for shift in range(3):
        rows = ("2024-03-05,信用卡分期手续费没有提前告知\n") * 9_000
        path.write_bytes(f"day,text{'x' * shift}\n{rows}".encode("gb18030"))
        with pytest.raises(SourceError, match="it seems to be gb18030"), text_lines(path, "utf-8"):
            """Never reached."""
        assert (
            tomllib.loads(suggest(path, datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC")))["file"][
                "encoding"
            ]
            == "gb18030"
        )
