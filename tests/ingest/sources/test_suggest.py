"""A first mapping is made of headers and values, loads what it describes, and says why."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from graph.domain.enums import Channel, OutcomeKind
from graph.errors import SourceError
from ingest.record import IncomingComplaint
from ingest.sources import TableMapping, suggest, table
from tests.ingest.sources.tables import write

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def suggested(path: Path) -> tuple[dict, list[IncomingComplaint]]:
    """The mapping as data, and the complaints that it reads; every row must be one."""
    data = tomllib.loads(suggest(path, NOW, ZONE))
    rows = list(table(path, TableMapping.model_validate(data), ZONE, NOW).rows())
    contents = [row.content for row in rows]
    assert all(isinstance(content, IncomingComplaint) for content in contents), contents
    return data, contents


def columns(data: dict) -> dict[str, str]:
    """The column of each field of a mapping."""
    return {
        f"{name}.{key}": value if isinstance(value, str) else value["column"]
        for name in ("fields", "customer", "decision")
        for key, value in data.get(name, {}).items()
    }


CHINESE = "\n".join(
    (
        "工单编号,投诉时间,投诉渠道,客户姓名,联系电话,投诉内容,"
        "产品大类,涉及金额(万元),承办部门,处理结果,办结时间",
        "A1,2024/3/5 9:30,电话,张三,13671024589,年费没有减免多收了八十八元,"
        "信用卡,0.5,信用卡中心,属实,2024-03-09",
        "A2,2024/3/6 14:05,柜面,李四,13671024590,短信提醒未经同意就开通了,"
        "电子银行,1.2万元,渠道部,处理中,",
        "A3,2024/3/7 10:00,掌上银行,王五,13671024591,排队两个小时没有人理会,"
        "网点服务,无,运营部,不属实,2024-03-12\n",
    )
)


def test_a_chinese_table(tmp_path: Path) -> None:
    data, complaints = suggested(write(tmp_path / "工单.csv", CHINESE))
    assert columns(data) == {
        "fields.source_id": "工单编号",
        "fields.received_at": "投诉时间",
        "fields.channel": "投诉渠道",
        "fields.narrative": "投诉内容",
        "fields.product": "产品大类",
        "fields.amount": "涉及金额(万元)",
        "fields.departments": "承办部门",
        "customer.names": "客户姓名",
        "customer.mobile": "联系电话",
        "decision.outcome": "处理结果",
        "decision.at": "办结时间",
    }
    assert [each.channel for each in complaints] == [Channel.PHONE, Channel.BRANCH, Channel.APP]
    # The header's unit counts where the cell has none of its own.
    assert [each.amount and each.amount.minor for each in complaints] == [500_000, 1_200_000, None]
    outcomes = [each.decisions[0].outcome if each.decisions else None for each in complaints]
    assert outcomes == [OutcomeKind.UPHELD, None, OutcomeKind.NOT_UPHELD]


def test_semicolons_a_code_page_and_days_before_months(tmp_path: Path) -> None:
    text = "protocolo;Data Abertura;Relato\n" + "".join(
        f"{n};{n:02d}/03/2024;Não recebi resposta à reclamação número {n}, e a cobrança continua\n"
        for n in range(1, 29)
    )
    path = tmp_path / "procon.csv"
    path.write_bytes(text.encode("cp1252"))
    data, complaints = suggested(path)
    assert data["file"] == {"encoding": "cp1252", "delimiter": ";"}
    assert data["fields"]["received_at"] == {"column": "Data Abertura", "order": "DMY"}
    assert complaints[4].received_at.isoformat() == "2024-03-05"
    assert complaints[4].narrative.startswith("Não recebi")


def test_months_before_days_are_seen_in_the_values(tmp_path: Path) -> None:
    lines = "".join(f"{n},03/{n:02d}/2024,Card charged twice number {n}\n" for n in range(1, 29))
    _, complaints = suggested(
        write(tmp_path / "us.csv", f"Case Number,Opened Date,Subject\n{lines}")
    )
    assert complaints[4].received_at.isoformat() == "2024-03-05"


def test_a_document_with_tickets(tmp_path: Path) -> None:
    tickets = [
        {
            "id": n,
            "created_at": f"2024-03-0{n}T09:00:00Z",
            "subject": f"Fee {n}",
            "tags": ["a", "b"],
        }
        for n in range(1, 5)
    ]
    path = write(tmp_path / "t.json", json.dumps({"count": 4, "tickets": tickets}))
    data, complaints = suggested(path)
    assert data["file"] == {"records": "tickets"}
    assert (len(complaints), complaints[0].source_id) == (4, "1")


@pytest.mark.parametrize("behind", [True, False])
def test_a_list_deep_in_an_envelope_with_names_before_or_behind(
    tmp_path: Path, behind: bool
) -> None:
    rows = [[n, f"2024-03-0{n}", f"Fee charged twice on card {n}"] for n in range(1, 5)]
    parts: list[tuple[str, object]] = [("items", rows), ("columns", ["id", "created", "details"])]
    data = dict(parts if behind else parts[::-1])
    document = {"status": "ok", "data": {"page": {"size": 4}, **data}}
    path = write(tmp_path / "deep.json", json.dumps(document))
    mapping, complaints = suggested(path)
    assert mapping["file"] == {"records": "data.items"}
    assert [each.source_id for each in complaints] == ["1", "2", "3", "4"]
    assert complaints[0].narrative == "Fee charged twice on card 1"


def test_a_title_above_the_header_of_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["2024 年投诉台账"])
    sheet.append(["编号", "受理时间", "投诉内容"])
    for number in range(1, 6):
        sheet.append([f"T{number}", datetime(2024, 3, number), f"第{number}件投诉的内容写在这里"])
    book.save(tmp_path / "台账.xlsx")
    data, complaints = suggested(tmp_path / "台账.xlsx")
    assert data["file"] == {"header_row": 2}
    assert [each.source_id for each in complaints] == ["T1", "T2", "T3", "T4", "T5"]


def test_numbers_of_a_calendar_and_of_seconds(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,created date\n1,45356\n2,45357\n")
    data, complaints = suggested(path)
    assert data["fields"]["received_at"]["date_formats"] == "excel"
    assert complaints[0].received_at.isoformat() == "2024-03-05"
    path = write(tmp_path / "b.csv", "id,created_at\n1,1709602329\n2,1709602330\n")
    assert suggested(path)[0]["fields"]["received_at"]["date_formats"] == "unix"


def test_values_that_speak_against_a_name(tmp_path: Path) -> None:
    text = (
        "id,date,amount,phone,status\nx,2024-03-05,see note,none,blue\nx,2024-03-06,later,7,red\n"
    )
    data = tomllib.loads(suggest(write(tmp_path / "a.csv", text), NOW, ZONE))
    assert columns(data) == {"fields.received_at": "date"}


def test_names_of_columns_with_and_without_accents(tmp_path: Path) -> None:
    accents = "Número,Data de criação,Descrição,Situação,Responsável,Prioridade"
    plain = "Numero,Data de Criacao,Descricao,Situacao,RESPONSAVEL,Prioridade"
    found = []
    for header in (accents, plain):
        text = f"{header}\n1,2024-03-05,Cobraram uma tarifa que ninguém pediu,open,ana,high\n"
        data, _ = suggested(write(tmp_path / "a.csv", text))
        names = header.split(",")
        found.append({key: names.index(column) for key, column in columns(data).items()})
    assert found[0] == found[1]
    assert {"fields.source_id", "fields.narrative", "fields.assignee", "fields.status"} <= set(
        found[0]
    )


def test_times_that_an_import_refuses_are_not_counted(tmp_path: Path) -> None:
    text = "id,opened,logged\n" + "".join(
        f"{n},{'1901-01-01' if n % 4 else '2024-03-05'},2024-03-0{n}\n" for n in range(1, 9)
    )
    data = tomllib.loads(suggest(write(tmp_path / "a.csv", text), NOW, ZONE))
    assert columns(data)["fields.received_at"] == "logged"


def test_words_that_are_not_known_are_named(tmp_path: Path) -> None:
    text = "id,date,channel\n1,2024-03-05,phone\n2,2024-03-06,pigeon\n"
    assert 'value_map = { "pigeon" = "?" }' in suggest(write(tmp_path / "a.csv", text), NOW, ZONE)


@pytest.mark.parametrize(
    ("header", "product", "causes"),
    [
        ("Product,Sub-product,Issue,Sub-issue", "Product,Sub-product", "Issue,Sub-issue"),
        ("产品大类,产品小类,一级分类,二级分类", "产品大类,产品小类", "一级分类,二级分类"),
        ("产品大类,产品,问题分类1级,问题分类2级", "产品大类,产品", "问题分类1级,问题分类2级"),
        ("Product Level 1,Product Level 2,Category,Subcategory", None, None),
        ("product_l1,product_l2,issue_category,issue_sub_category", None, None),
        ("Produto,Subproduto,Categoria,Subcategoria", None, None),
        ("二级产品,一级产品,category2,category1", "一级产品,二级产品", "category1,category2"),
    ],
)
def test_columns_that_divide_each_other_are_one_tree(
    tmp_path: Path, header: str, product: str | None, causes: str | None
) -> None:
    wide_first = "卡,信用卡,费用,年费" if "二级产品" not in header else "信用卡,卡,年费,费用"
    rows = "".join(f"{n},2024-03-0{n},{wide_first}\n" for n in range(1, 5))
    text = f"编号,受理时间,{header}\n{rows}"
    data, complaints = suggested(write(tmp_path / "a.csv", text))
    names = header.split(",")
    assert data["fields"]["product"] == (product.split(",") if product else names[:2])
    assert [entry.name for entry in complaints[0].product] == ["卡", "信用卡"]
    found = causes.split(",") if causes else names[2:]
    assert data["fields"]["causes"] == {"columns": found}
    assert [entry.name for entry in complaints[0].causes[0].chain] == ["费用", "年费"]


def test_a_narrow_name_without_a_wide_one_is_no_tree(tmp_path: Path) -> None:
    text = "id,date,product,sub-product\n1,2024-03-05,,a\n2,2024-03-06,Card,\n3,2024-03-07,,b\n"
    data = tomllib.loads(suggest(write(tmp_path / "a.csv", text), NOW, ZONE))
    assert data["fields"]["product"] == "product"


def test_an_answer_without_an_outcome_is_a_decision_without_a_finding(tmp_path: Path) -> None:
    text = "留言编号,留言用户,留言时间,答复意见,答复时间\n" + "".join(
        f"{n},A0004{n},2024-03-0{n},已经答复第{n}件留言,2024-04-0{n}\n" for n in range(1, 5)
    )
    data, complaints = suggested(write(tmp_path / "a.csv", text))
    assert data["decision"] == {
        "when": "答复意见",
        "outcome": {"constant": "EXPLAINED"},
        "status": "ANSWERED",
        "summary": "答复意见",
        "at": "答复时间",
    }
    assert complaints[0].decisions[0].outcome == OutcomeKind.EXPLAINED
    # Names of accounts are no names of people.
    assert data["customer"] == {"source_id": "留言用户"}


def test_columns_of_a_decision_that_is_not_proposed_are_named(tmp_path: Path) -> None:
    text = "id,created,resolved\n1,2024-03-05,2024-03-06\n2,2024-03-07,2024-03-08\n"
    proposed = suggest(write(tmp_path / "a.csv", text), NOW, ZONE)
    assert "decision" not in tomllib.loads(proposed)
    assert "# No [decision]: resolved may be of one, but no column says its outcome." in proposed
    assert "# Not used: resolved." in proposed


def test_an_id_that_one_row_repeats_is_still_the_id(tmp_path: Path) -> None:
    rows = "".join(f"{max(n, 1)},2024-03-05,id {n}\n" for n in range(100))
    proposed = suggest(write(tmp_path / "a.csv", f"留言编号,留言时间,id_issue\n{rows}"), NOW, ZONE)
    assert columns(tomllib.loads(proposed))["fields.source_id"] == "留言编号"
    assert "99 values in 100 rows; of equal ones one counts" in proposed


def test_a_number_of_something_is_not_the_thing(tmp_path: Path) -> None:
    rows = "".join(f"PPJ-{n % 3},2024-03-05,C{n % 4}\n" for n in range(9))
    data, _ = suggested(write(tmp_path / "a.csv", f"id_issue,date,id_cliente\n{rows}"))
    assert columns(data) == {"fields.received_at": "date", "customer.source_id": "id_cliente"}


def test_few_words_in_many_rows_are_kinds_and_no_texts(tmp_path: Path) -> None:
    kinds = ("Falta de servicio", "Cambio de producto", "Actualiza datos")
    rows = "".join(f"{n},2024-03-05,{kinds[n % 3]}\n" for n in range(60))
    data, _ = suggested(write(tmp_path / "a.csv", f"id,fecha,reclamo\n{rows}"))
    assert columns(data)["fields.causes"] == "reclamo"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("branch,2024,January,February,March\nA,10,20,30,40\n", "seems to count complaints"),
        ("bank,period,number of complaints\nA,Q1 2024,10\nB,Q1 2024,20\n", "seems to count"),
        ("Name,Beschwerden,Jahr\nA,16.0,2002\nB,42.0,2002\n", "seems to count"),
        ("firm,upheld_cases_2021,upheld_cases_2022\nA,12,9\nB,3,4\n", "seems to count complaints"),
        ("no,complaints\n1,noise\n2,parking\n", "if one day holds for all rows, give it by --day"),
        # The first row is one like the others.
        ("query\tcard is lost\nquery\tpin is lost\npraise\tthank you\n", "no header"),
        # Filled in few rows, or numbers of things.
        ("no,end\n1,\n2,\n3,2024-03-05\n", "holds times of receipt in most rows"),
        ("unit,town\n21103,Pest\n21104,Buda\n", "holds times of receipt in most rows"),
        ("1,19941128,0,12\n2,19950103,1,13\n", "no header"),
        ("colour,size\nred,3\nblue,4\n", "Its columns are colour, size"),
        ("day,text\n", "has no rows"),
    ],
)
def test_a_table_without_times_says_what_it_seems_to_be(
    tmp_path: Path, text: str, part: str
) -> None:
    with pytest.raises(SourceError, match=part):
        suggest(write(tmp_path / "a.csv", text), NOW, ZONE)


def test_a_day_for_all_rows_of_a_file_without_times(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "Case No,Complaint Text,Product Name\n"
        "7,The branch closed my account and kept the balance,Savings\n"
        "8,The limit was lowered without any notice to me,Cards\n",
    )
    day = datetime(2024, 3, 5, tzinfo=UTC).date()
    data = tomllib.loads(suggest(path, NOW, ZONE, day))
    assert data["fields"]["received_at"] == {"constant": "2024-03-05"}
    assert data["fields"].keys() == {"source_id", "narrative", "product", "received_at"}
    rows = list(table(path, TableMapping.model_validate(data), ZONE, NOW).rows())
    assert all(isinstance(row.content, IncomingComplaint) for row in rows)
    # Where a column has the times, these count.
    dated = write(tmp_path / "b.csv", "id,date\n1,2023-01-02\n2,2023-01-03\n")
    assert suggest(dated, NOW, ZONE, day) == suggest(dated, NOW, ZONE)


def test_a_column_without_rows_has_no_mapping_whatever_the_day(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has no rows"):
        suggest(write(tmp_path / "a.csv", "day,text\n"), NOW, ZONE, NOW.date())


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("New", "On Hold", "Closed"), "fields.status"),
        (("Ohio", "Utah", "Iowa"), "customer.region"),
    ],
)
def test_a_state_is_that_of_a_case_or_of_a_country_as_its_values_say(
    tmp_path: Path, words: tuple[str, ...], field: str
) -> None:
    rows = "".join(f"{n},2024-03-0{n + 1},{word}\n" for n, word in enumerate(words))
    data, _ = suggested(write(tmp_path / "a.csv", f"Number,Opened,State\n{rows}"))
    assert columns(data)[field] == "State"
    assert len(columns(data)) == 3


@pytest.mark.parametrize("name", ["hasAnswer", "reply", "is_response", "是否有回复"])
def test_yes_and_no_are_no_answer(tmp_path: Path, name: str) -> None:
    """A decision is where its answer has content, and no has some."""
    text = f"id,created,{name}\n1,2024-03-05,true\n2,2024-03-06,false\n"
    proposed = tomllib.loads(suggest(write(tmp_path / "a.csv", text), NOW, ZONE))
    assert "decision" not in proposed


def test_an_address_is_no_text_and_the_longer_of_two_titles_is_one(tmp_path: Path) -> None:
    rows = "".join(
        f"2024-03-0{n},Card {n},The card was swallowed by machine {n} and nobody gives it back,"
        f"https://example.org/complaints/view/{n}?from=list-of-all-complaints-of-the-month-{n}\n"
        for n in range(1, 5)
    )
    data, complaints = suggested(write(tmp_path / "a.csv", f"date,title,summary,link\n{rows}"))
    assert columns(data)["fields.subject"] == "title"
    assert columns(data)["fields.narrative"] == "summary"
    assert complaints[0].narrative.startswith("The card was swallowed")
    only = "".join(f"2024-03-0{n},https://example.org/{n}/{'x' * 40}\n" for n in range(1, 5))
    data, _ = suggested(write(tmp_path / "b.csv", f"date,content\n{only}"))
    assert columns(data) == {"fields.received_at": "date"}


def test_names_say_more_than_the_codes_beside_them(tmp_path: Path) -> None:
    rows = "".join(f"{n},2024-03-05,{90 + n % 3},Firm {'ABC'[n % 3]}\n" for n in range(9))
    data, _ = suggested(write(tmp_path / "a.csv", f"id,created,company,companyName\n{rows}"))
    assert columns(data)["fields.branch"] == "companyName"


def test_one_cause_of_all_rows_is_none(tmp_path: Path) -> None:
    rows = "".join(f"{n},2024-03-05,UNSET\n" for n in range(30))
    data, _ = suggested(write(tmp_path / "a.csv", f"id,created,removal reason\n{rows}"))
    assert "causes" not in data["fields"]


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("CallID", "C-{n}", "fields.source_id"),
        ("N° de dossier", "D{n}", None),
        ("Nº Queja", "{n}", "fields.source_id"),
        ("Complaint No.", "K{n}", "fields.source_id"),
        ("category_name", "Fees", "fields.causes"),
        ("customer_city", "Lyon", "customer.region"),
        ("Caller Phone", "13671024{n}89", "customer.mobile"),
        ("Affected User", "Somebody Else", "customer.names"),
        ("csat_score", "{n}", "decision.satisfaction"),
    ],
)
def test_names_with_words_around_them(
    tmp_path: Path, name: str, value: str, field: str | None
) -> None:
    rows = "".join(f"2024-03-0{n},{value.format(n=n)},upheld\n" for n in range(1, 5))
    text = f"date,{name},outcome\n{rows}"
    data = tomllib.loads(suggest(write(tmp_path / "a.csv", text), NOW, ZONE))
    assert [key for key, column in columns(data).items() if column == name] == [field] * bool(field)


def test_dates_that_may_be_read_two_ways_are_said_to_be(tmp_path: Path) -> None:
    text = "id,data ora\n1,05/03/2024 09:30\n2,06/03/2024 10:00\n"
    proposed = suggest(write(tmp_path / "a.csv", text), NOW, ZONE)
    assert 'set order to "DMY" or "MDY"' in proposed
    for clear in ("25/03/2024", "2024-03-05", "5 March 2024"):
        path = write(tmp_path / "b.csv", f"id,data ora\n1,{clear}\n2,{clear}\n")
        assert "set order" not in suggest(path, NOW, ZONE)


def test_a_closed_set_in_words_that_are_not_known_is_shown_as_it_would_be_used(
    tmp_path: Path,
) -> None:
    text = "id,date,status\n1,2024-03-05,quack\n2,2024-03-06,moo\n"
    path = write(tmp_path / "a.csv", text)
    proposed = suggest(path, NOW, ZONE)
    assert "status" not in tomllib.loads(proposed)["fields"]
    line = '# status = { column = "status", value_map = { "quack" = "?", "moo" = "?" } }'
    assert line in proposed
    # Without the marks, and with what the words mean, the line is one of [fields].
    filled = line.removeprefix("# ").replace('"?"', '"CLOSED"')
    data = tomllib.loads(proposed)
    data["fields"] |= tomllib.loads(filled)
    rows = list(table(path, TableMapping.model_validate(data), ZONE, NOW).rows())
    assert {row.content.status.value for row in rows} == {"CLOSED"}


def test_of_several_times_the_end_is_not_the_receipt(tmp_path: Path) -> None:
    rows = "\n".join(
        f"2024-05-{n:02} 10:00,2024-03-{n:02} 09:00,The fee number {n} was charged twice to me"
        for n in range(1, 13)
    )
    data, complaints = suggested(write(tmp_path / "t.csv", f"enddate,startdate,text\n{rows}\n"))
    assert columns(data)["fields.received_at"] == "startdate"
    assert complaints[0].received_at.month == 3
    text = suggest(tmp_path / "t.csv", NOW, ZONE)
    assert "so are those of enddate" in text


def test_identifiers_are_no_text(tmp_path: Path) -> None:
    rows = "\n".join(
        f"2024-03-{n:02},{UUID(int=n * 7919, version=4)},Fee {n} charged twice"
        for n in range(1, 13)
    )
    data, _ = suggested(write(tmp_path / "t.csv", f"day,correlation,remark\n{rows}\n"))
    assert columns(data).get("fields.narrative") != "correlation"


def test_a_sheet_behind_a_cover_is_proposed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cover = book.active
    assert cover is not None
    cover.append(["Report of complaints"])
    data = book.create_sheet("Data")
    data.append(["id", "date", "text"])
    for n in range(4):
        data.append([n, datetime(2024, 3, 5 + n), f"The clerk was rude to me {n}"])
    book.create_sheet("Codes").append(["a", "b"])
    book.save(tmp_path / "a.xlsx")
    data_, rows = suggested(tmp_path / "a.xlsx")
    assert data_["file"]["sheet"] == "Data"
    assert len(rows) == 4


def test_what_is_divided_by_signs_inside_of_quotes(tmp_path: Path) -> None:
    cell = '"\n\t\t\t\t\tThe clerk was rude; very; rude\n\t\t\t"'
    text = "id,date,text\n" + "".join(f"{n},2024-03-0{n},{cell}\n" for n in range(1, 6))
    data, rows = suggested(write(tmp_path / "a.csv", text))
    assert "file" not in data
    assert len(rows) == 5


def test_a_number_that_nobody_has_named_is_an_id(tmp_path: Path) -> None:
    text = "merchant_id,chargeback_id,chargeback_date,chargeback_amount,reason\n" + "".join(
        f"M{n % 2},CB{n},2024-02-0{n},40{n}.26,fraud\n" for n in range(1, 6)
    )
    data, _ = suggested(write(tmp_path / "a.csv", text))
    assert data["fields"]["source_id"] == "chargeback_id"
    assert data["fields"]["amount"] == {"column": "chargeback_amount", "currency": "CNY"}
    said = suggest(tmp_path / "a.csv", NOW, ZONE)
    assert "# Its values name no currency: say which it is." in said


def test_the_answer_is_not_taken_for_the_complaint(tmp_path: Path) -> None:
    answer = "O sensor foi trocado e o equipamento foi testado durante o dia inteiro"
    text = "DATA;DESCRIÇÃO DO PROBLEMA/ SOLICITAÇÃO;RESOLUÇÃO DO PROBLEMA\n" + "".join(
        f"{n + 12}/03/2024;Alarme de temperatura {n};{answer} {n}\n" for n in range(1, 5)
    )
    data, _ = suggested(write(tmp_path / "a.csv", text))
    assert data["fields"]["narrative"] == "DESCRIÇÃO DO PROBLEMA/ SOLICITAÇÃO"
    assert data["decision"]["summary"] == "RESOLUÇÃO DO PROBLEMA"
