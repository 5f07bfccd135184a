"""The CFPB's complaints: what each column becomes, what is left out, which rows are refused."""

import csv
import dataclasses
import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from graph.domain.case import LONGEST_TEXT
from graph.domain.catalogue import chain
from graph.domain.enums import (
    AttributionSource,
    BranchLevel,
    CaseStatus,
    CatalogueKind,
    Channel,
    OutcomeKind,
    RemedyKind,
)
from graph.errors import SourceError
from ingest.record import IncomingCause, IncomingDecision
from ingest.sources import cfpb
from tests.ingest.sources.tables import (
    API_NAMES,
    CFPB_COLUMNS,
    NOW,
    ZONE,
    cfpb_values,
    complaint,
    csv_text,
    outline,
    read_cfpb,
    rejection,
    warnings,
    write,
    write_gz,
    write_zip,
)


def one(tmp_path: Path, **changes: str):
    path = write(tmp_path / "c.csv", csv_text(CFPB_COLUMNS, [cfpb_values(**changes)]))
    (row,) = read_cfpb(path)
    return row


def test_a_row_becomes_a_complaint(tmp_path):
    row = one(tmp_path, Company_public_response="Company disputes the facts", Tags="Older American")
    found = complaint(row)
    assert row.line == 2
    assert (found.source_system, found.source_id) == ("cfpb", "3384392")
    assert found.received_at == date(2019, 9, 24)
    assert not isinstance(found.received_at, datetime)
    assert found.narrative == "They call me ten times a day at work."
    assert found.subject is None
    assert found.product == chain(CatalogueKind.PRODUCT, "Debt collection", "Medical debt")
    assert found.branch == chain(
        CatalogueKind.BRANCH,
        "EXAMPLE COLLECTORS, INC.",
        "FL",
        levels=(BranchLevel.HEAD_OFFICE, BranchLevel.PROVINCE),
    )
    causes = chain(CatalogueKind.ROOT_CAUSE, "Communication tactics", "Frequent or repeated calls")
    assert found.causes == (IncomingCause(causes, AttributionSource.IMPORTED),)
    assert found.decisions == (
        IncomingDecision(
            OutcomeKind.EXPLAINED,
            RemedyKind.EXPLANATION,
            timely=True,
            summary="Company disputes the facts",
        ),
    )
    assert found.status is CaseStatus.CLOSED
    assert found.vulnerable is True
    assert found.customer is None
    assert row.raw["ZIP code"] == ""
    assert row.raw["Complaint ID"] == "3384392"


@pytest.mark.parametrize(
    ("via", "channel"),
    [
        ("Web", Channel.WEB),
        ("Web Referral", Channel.WEB),
        ("Referral", Channel.REGULATOR),
        ("Phone", Channel.PHONE),
        ("Postal mail", Channel.LETTER),
        ("Fax", Channel.OTHER),
        ("Email", Channel.EMAIL),
    ],
)
def test_channels(tmp_path, via, channel):
    assert complaint(one(tmp_path, Submitted_via=via)).channel is channel


@pytest.mark.parametrize(
    ("response", "outcome", "remedy"),
    [
        ("Closed with monetary relief", OutcomeKind.UPHELD, RemedyKind.MONETARY),
        ("Closed with relief", OutcomeKind.UPHELD, RemedyKind.MONETARY),
        ("Closed with non-monetary relief", OutcomeKind.UPHELD, RemedyKind.NON_MONETARY),
        ("Closed with explanation", OutcomeKind.EXPLAINED, RemedyKind.EXPLANATION),
        ("Closed without relief", OutcomeKind.NOT_UPHELD, RemedyKind.NONE),
        ("Closed", OutcomeKind.NOT_UPHELD, RemedyKind.NONE),
    ],
)
def test_decided_responses(tmp_path, response, outcome, remedy):
    found = complaint(one(tmp_path, Company_response_to_consumer=response))
    (decision,) = found.decisions
    assert (decision.outcome, decision.remedy, decision.at) == (outcome, remedy, None)
    assert found.status is CaseStatus.CLOSED


@pytest.mark.parametrize("response", ["In progress", "Untimely response", "", "N/A"])
def test_open_responses(tmp_path, response):
    found = complaint(
        one(tmp_path, **{"Company response to consumer": response, "Timely response?": "No"})
    )
    assert found.decisions == ()
    assert found.status is CaseStatus.INVESTIGATING


def test_late_decision_and_dispute(tmp_path):
    found = complaint(one(tmp_path, **{"Timely response?": "No", "Consumer disputed?": "Yes"}))
    assert (found.decisions[0].timely, found.decisions[0].satisfaction) == (False, 1)


@pytest.mark.parametrize("disputed", ["No", "N/A", "None", ""])
def test_not_disputed_is_not_satisfied(tmp_path, disputed):
    found = complaint(one(tmp_path, **{"Consumer disputed?": disputed}))
    assert found.decisions[0].satisfaction is None


@pytest.mark.parametrize("tags", ["", "Servicemember", "None"])
def test_no_tag_says_nothing_of_vulnerability(tmp_path, tags):
    assert complaint(one(tmp_path, Tags=tags)).vulnerable is None


def test_both_tags(tmp_path):
    assert complaint(one(tmp_path, Tags="Older American, Servicemember")).vulnerable is True


def test_declining_to_respond_is_no_summary(tmp_path):
    text = (
        "Company has responded to the consumer and the CFPB and chooses not to provide a "
        "public response"
    )
    found = complaint(one(tmp_path, Company_public_response=text))
    assert found.decisions[0].summary is None


def test_missing_parts_stay_missing(tmp_path):
    found = complaint(
        one(
            tmp_path,
            **{
                "Sub-product": "",
                "Sub-issue": "N/A",
                "State": "None",
                "Consumer complaint narrative": " ",
                "Timely response?": "",
            },
        )
    )
    assert len(found.product) == len(found.branch) == len(found.causes[0].chain) == 1
    assert found.narrative is None
    assert found.decisions[0].timely is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-09-24", date(2019, 9, 24)),
        ("2019-09-24T12:00:00-05:00", date(2019, 9, 24)),
        ("09/24/2019", date(2019, 9, 24)),
        ("09/24/19", date(2019, 9, 24)),
    ],
)
def test_days(tmp_path, text, day):
    assert complaint(one(tmp_path, Date_received=text)).received_at == day


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"Date received": ""}, "received_at", "Date received is missing"),
        ({"Date received": "2019-02-30"}, "received_at", "Date received is no day"),
        ({"Date received": "24.09.2019"}, "received_at", "Date received is no day"),
        ({"Date received": "2019-09-24\0"}, "received_at", "Date received is no day"),
        ({"Date received": "1969-12-30"}, "received_at", "Date received is before 1970"),
        ({"Date received": "0001-01-01"}, "received_at", "before 1970"),
        ({"Date received": "2026-02-01"}, "received_at", "Date received lies in the future"),
        ({"Date received": "9999-12-31"}, "received_at", "future"),
        ({"Complaint ID": ""}, "source_id", "Complaint ID is missing"),
        ({"Complaint ID": "FL"}, "source_id", "Complaint ID is no number"),
        ({"Complaint ID": "33\x0084"}, "source_id", "Complaint ID is no number"),
        ({"Complaint ID": "1" * 21}, "source_id", "Complaint ID is no number"),
    ],
)
def test_rows_that_cannot_be_taken(tmp_path, changes, field, reason):
    row = one(tmp_path, **changes)
    result = rejection(row)
    assert result.line == 2
    assert result.field == field
    assert reason in result.reason
    (value,) = changes.values()
    assert result.value == value.replace("\0", "\ufffd")
    assert row.warnings == ()


def test_all_that_rejects_a_row_is_said_at_once(tmp_path):
    result = rejection(one(tmp_path, Complaint_ID="FL", Date_received="soon"))
    assert result.field == "source_id"
    assert result.reason == "Complaint ID is no number; received_at: Date received is no day"


CUT = "Consumer complaint narrative has more than 100,000 characters, and was cut"


@pytest.mark.parametrize(
    ("changes", "field", "reason", "left"),
    [
        (
            {"Submitted via": "Pigeon"},
            "channel",
            "Submitted via is not known",
            {"channel": Channel.OTHER},
        ),
        (
            {"Company response to consumer": "Maybe"},
            "decision",
            "Company response to consumer is not known",
            {"decisions": (), "status": CaseStatus.CLOSED},
        ),
        (
            {"Timely response?": "Perhaps"},
            "decision.timely",
            "Timely response? is not known",
            {"decisions": (IncomingDecision(OutcomeKind.EXPLAINED, RemedyKind.EXPLANATION),)},
        ),
        (
            {"Consumer disputed?": "Perhaps"},
            "decision.satisfaction",
            "Consumer disputed? is not known",
            {},
        ),
        (
            {"Product": ""},
            "product",
            "Product is missing, but a part of it is given",
            {"product": ()},
        ),
        (
            {"Sub-issue": "x" * 301},
            "causes",
            "Issue has more than 300 characters",
            {"causes": ()},
        ),
        (
            {"Company": "x" * 301},
            "branch",
            "Company has more than 300 characters",
            {"branch": ()},
        ),
        (
            {"Consumer complaint narrative": "x" * (LONGEST_TEXT + 1)},
            "narrative",
            CUT,
            {"narrative": "x" * LONGEST_TEXT},
        ),
    ],
)
def test_a_value_that_cannot_be_read_does_not_cost_the_row(tmp_path, changes, field, reason, left):
    expected = dataclasses.replace(complaint(one(tmp_path)), **left)
    row = one(tmp_path, **changes)
    assert complaint(row) == expected
    assert warnings(row) == [(field, reason)]


@pytest.mark.parametrize(
    ("column", "field", "left"),
    [
        ("Consumer complaint narrative", "narrative", {"narrative": "a\ufffdb"}),
        ("Product", "product", {"product": ()}),
        ("Issue", "causes", {"causes": ()}),
        ("State", "branch", {"branch": ()}),
        ("Submitted via", "channel", {"channel": Channel.OTHER}),
    ],
)
def test_characters_that_no_text_has_are_reported(tmp_path, column, field, left):
    row = one(tmp_path, **{column: "a\0b"})
    assert complaint(row) == dataclasses.replace(complaint(one(tmp_path)), **left)
    assert [name for name, _ in warnings(row)] == [field]


def test_a_public_response_with_broken_characters_is_mended_and_reported(tmp_path):
    row = one(tmp_path, Company_public_response="We\0disagree")
    (decision,) = complaint(row).decisions
    assert decision.summary == "We\ufffddisagree"
    assert [field for field, _ in warnings(row)] == ["decision.summary"]


def test_broken_characters_in_a_column_that_nothing_reads_do_no_harm(tmp_path):
    row = one(tmp_path, ZIP_code="33\x00XX")
    assert complaint(row) == complaint(one(tmp_path))
    assert row.warnings == ()


@pytest.mark.parametrize(
    "value", ["My number is 13800138000", "I want to tell you about my mother and " * 3]
)
def test_a_value_that_may_be_personal_is_in_no_reason_and_in_no_log(tmp_path, value):
    row = one(tmp_path, Submitted_via=value)
    (problem,) = row.warnings
    assert problem.value == value.strip()
    assert value[:20] not in problem.reason
    assert value[:20] not in repr(row)


def test_the_longest_narrative_is_taken(tmp_path):
    text = "长" * LONGEST_TEXT
    assert complaint(one(tmp_path, Consumer_complaint_narrative=text)).narrative == text


def test_one_bad_date_stops_nothing(tmp_path):
    rows = [cfpb_values(**{"Complaint ID": str(number)}) for number in range(1, 6)]
    rows[2][0] = "soon"
    path = write(tmp_path / "c.csv", csv_text(CFPB_COLUMNS, rows))
    assert outline(cfpb(path, ZONE, NOW)) == [(2, "1"), (3, "2"), (4, None), (5, "4"), (6, "5")]


def test_columns_in_any_order_with_spaces_and_a_mark(tmp_path):
    order = sorted(CFPB_COLUMNS)
    values = dict(zip(CFPB_COLUMNS, cfpb_values(), strict=True))
    text = csv_text([f" {name} " for name in order], [[values[name] for name in order]])
    (row,) = read_cfpb(write(tmp_path / "c.csv", "\ufeff" + text))
    assert complaint(row).source_id == "3384392"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path, newline):
    rows = [cfpb_values(), cfpb_values(**{"Complaint ID": "7"})]
    text = csv_text(CFPB_COLUMNS, rows, lineterminator=newline)
    assert outline(cfpb(write(tmp_path / "c.csv", text), ZONE, NOW)) == [(2, "3384392"), (3, "7")]


def test_a_text_is_the_same_whatever_the_line_ends(tmp_path):
    texts = {
        complaint(one(tmp_path, Consumer_complaint_narrative=text)).narrative
        for text in ("one\ntwo", "one\r\ntwo", "one\rtwo")
    }
    assert texts == {"one\ntwo"}


def test_packed_files_give_the_same(tmp_path):
    text = csv_text(CFPB_COLUMNS, [cfpb_values()])
    plain = read_cfpb(write(tmp_path / "c.csv", text))
    gz = read_cfpb(write_gz(tmp_path / "c.csv.gz", text))
    packed = read_cfpb(
        write_zip(tmp_path / "complaints.csv.zip", {"complaints.csv": text, "__MACOSX/._c": "x"})
    )
    assert plain == gz == packed


def api_object(**changes):
    values = dict(zip(CFPB_COLUMNS, cfpb_values(**changes), strict=True))
    found = {API_NAMES[name]: value or None for name, value in values.items()}
    return found | {"has_narrative": True}


def shapes():
    objects = [api_object(), api_object(**{"Complaint ID": "7", "State": "None"})]
    objects[1]["date_received"] = "2019-09-24T12:00:00-05:00"
    objects[1]["complaint_id"] = 7
    wrapped = [
        {"_index": "complaints", "_id": "1", "_source": item, "sort": [1]} for item in objects
    ]
    answer = {
        "took": 5,
        "_shards": {"total": 1},
        "hits": {"total": {"value": 2, "relation": "eq"}, "max_score": None, "hits": wrapped},
        "aggregations": {"company": {"buckets": [{"key": "x", "doc_count": 2}]}},
    }
    lines = "\n".join(json.dumps(item) for item in objects)
    return {
        "array": json.dumps(objects),
        "pretty": json.dumps(objects, indent=2),
        "export": json.dumps(wrapped),
        "answer": json.dumps(answer),
        "answer-pretty": "\ufeff" + json.dumps(answer, indent=1),
        "lines": lines,
        "lines-crlf": lines.replace("\n", "\r\n") + "\r\n",
    }


@pytest.mark.parametrize("shape", shapes())
def test_json_gives_the_same_complaints(tmp_path, shape):
    rows = read_cfpb(write(tmp_path / "c.json", shapes()[shape]))
    table = [cfpb_values(), cfpb_values(**{"Complaint ID": "7", "State": "None"})]
    expected = read_cfpb(write(tmp_path / "c.csv", csv_text(CFPB_COLUMNS, table)))
    assert [row.content for row in rows] == [row.content for row in expected]
    assert [row.line for row in rows] == [1, 2]


def test_json_in_a_zip(tmp_path):
    path = write_zip(tmp_path / "complaints.json.zip", {"complaints.json": shapes()["array"]})
    assert outline(cfpb(path, ZONE, NOW)) == [(1, "3384392"), (2, "7")]


def test_an_empty_answer_has_no_rows(tmp_path):
    assert read_cfpb(write(tmp_path / "c.json", '{"hits": {"hits": []}}')) == []
    assert read_cfpb(write(tmp_path / "d.json", " [] ")) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "no column Complaint ID, Date received"),
        ('[{"a": 1}]', "no column complaint_id"),
        ('{"message": "rate limit"}', "no column complaint_id"),
        ('{"message":\n "rate limit"}', "no column complaint_id"),
        ("\n \n", "no header row"),
    ],
)
def test_another_file_is_refused(tmp_path, content, message):
    with pytest.raises(SourceError, match=message):
        read_cfpb(write(tmp_path / "c.csv", content))


def test_a_column_that_stands_twice_has_the_value_of_either(tmp_path):
    header = (*CFPB_COLUMNS, "State")
    rows = [[*cfpb_values(), ""], [*cfpb_values(State=""), "GA"]]
    one, two = read_cfpb(write(tmp_path / "c.csv", csv_text(header, rows)))
    assert [complaint(row).branch[-1].name for row in (one, two)] == ["FL", "GA"]


def test_a_row_that_lacks_columns_is_rejected(tmp_path):
    whole = cfpb_values()
    path = write(tmp_path / "c.csv", csv_text(CFPB_COLUMNS, [whole, whole[:-1], whole]))
    assert outline(cfpb(path, ZONE, NOW)) == [(2, "3384392"), (3, None), (4, "3384392")]


def test_reading_again_gives_the_same(tmp_path):
    source = cfpb(write(tmp_path / "c.csv", csv_text(CFPB_COLUMNS, [cfpb_values()] * 3)), ZONE, NOW)
    first = next(iter(source.rows()))
    assert list(source.rows()) == list(source.rows())
    assert first == next(iter(source.rows()))


def test_the_meter_follows_the_reading(tmp_path):
    text = csv_text(CFPB_COLUMNS, [cfpb_values(**{"Complaint ID": str(n)}) for n in range(20_000)])
    source = cfpb(write(tmp_path / "c.csv", text), ZONE, NOW)
    seen = [source.meter.position for _ in source.rows()]
    assert seen == sorted(seen)
    assert 0 < seen[0] < source.meter.size // 2
    assert source.meter.position == source.meter.size == len(text.encode())


def test_the_fingerprint_is_of_the_reading_not_of_the_file(tmp_path):
    source = cfpb(tmp_path / "a.csv", ZONE, NOW)
    assert source.fingerprint() == cfpb(tmp_path / "b.csv", ZONE, datetime.now(UTC)).fingerprint()
    other = dataclasses.replace(source, zone=type(ZONE)("America/New_York"))
    assert source.fingerprint() != other.fingerprint()


def real_files():
    folder = Path(__file__).parents[4] / "shared" / "data"
    return sorted(folder.glob("cfpb_*.csv.gz"))


@pytest.mark.parametrize("path", [*real_files(), None], ids=lambda p: p.name if p else "none")
def test_real_files_are_taken_completely(path, tmp_path):
    if path is None:
        path = write_gz(tmp_path / "c.csv.gz", csv_text(CFPB_COLUMNS, [cfpb_values()] * 2))
    rows = list(cfpb(path, ZONE, datetime.now(UTC)).rows())
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        expected = [row["Complaint ID"] for row in csv.DictReader(file)]
    assert [complaint(row).source_id for row in rows] == expected
