"""Mapping files: every wrong key is named with those allowed."""

from pathlib import Path

import pytest

from graph.domain.vocabulary import TYPES, Label, Vocabulary
from graph.errors import SourceError
from ingest.sources import load_mapping, shipped, table
from ingest.sources.mapping import FileKeys
from ingest.sources.text import ENCODINGS
from tests.ingest.sources.tables import NOW, ZONE, mapping, write

LEAST = 'system = "test"\n[fields]\nreceived_at = "day"\n'


def wrong(tmp_path: Path, toml: str) -> str:
    with pytest.raises(SourceError) as caught:
        load_mapping(write(tmp_path / "bank.toml", toml))
    assert caught.value.message.startswith("The mapping bank.toml ")
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (
            LEAST + 'recieved = "x"',
            "there is no field 'fields.recieved'; did you mean 'received_at'?",
        ),
        (
            LEAST + '[flie]\nformat = "csv"',
            "there is no field 'flie'; did you mean 'file'?",
        ),
        (
            LEAST + 'subject = { colunm = "x" }',
            "there is no field 'fields.subject.colunm'; did you mean 'column'?",
        ),
        (
            LEAST + 'causes = [{ column = "x", srce = "y" }]',
            "no field 'fields.causes.0.srce'",
        ),
        (
            LEAST + '[decision]\noutcome = "x"\nwehn = "y"',
            "'decision.wehn'; did you mean 'when'?",
        ),
        ("system = 'x'\n[fields]\nsubject = 'y'", "field 'fields.received_at' is missing"),
        ("[fields]\nreceived_at = 'y'", "field 'system' is missing"),
        (
            "system = ''\n[fields]\nreceived_at = 'y'",
            "'system': string should have",
        ),
        (
            "system = 'demo'\n[fields]\nreceived_at = 'y'",
            "'system': demo is the name of the",
        ),
        (
            LEAST + "subject = {}",
            "field 'fields.subject': needs exactly one of column, columns and constant",
        ),
        (
            LEAST + 'subject = { column = "x", constant = "y" }',
            "field 'fields.subject': needs exactly one of",
        ),
        (
            LEAST + 'channel = { constant = "PIGEON" }',
            "'fields': channel: 'PIGEON' is not known; map it by value_map to one of PHONE, EMAIL",
        ),
        (LEAST + 'channel = { column = "x", value_map = { a = "B" } }', "'B' is not known"),
        (LEAST + "received_at = 0", "no TOML: Cannot overwrite a value"),
        ("system = ", "is no TOML: "),
        ('system = "x"\n[fields]\nreceived_at = 0', "columns are counted from 1"),
        (
            'system = "x"\n[fields]\nreceived_at = { column = "x", date_formats = "dd" }',
            "received_at.date_formats.0': dd is no format of times; use auto, excel, unix",
        ),
        (
            LEAST + '[file]\nencoding = "ebcdic"',
            "field 'file.encoding': ebcdic is no encoding; use one of utf-8, gb18030",
        ),
        (LEAST + '[file]\nformat = "pdf"', "field 'file.format': 'pdf' is none of csv, tsv, json"),
        (
            LEAST + '[file]\ntimezone = "Peking"',
            "field 'file.timezone': Peking is no time zone; use a name",
        ),
        (
            LEAST + '[file]\ndelimiter = ", "',
            "'file.delimiter': string should have at most",
        ),
        (
            LEAST + '[decision]\noutcome = { constant = "EXPLAINED" }',
            "field 'decision': needs when, because its outcome is the same without a column",
        ),
        (LEAST + '[decision]\nwhen = "x"', "field 'decision.outcome' is missing"),
        (
            LEAST + 'amount = { column = "x", currency = "yuan" }',
            "field 'fields.amount.currency': string sh",
        ),
        (
            LEAST + 'branch = { columns = ["a", "b"], levels = ["PROVINCE"] }',
            "field 'fields.branch': levels needs 2 of them, one for each name",
        ),
        (
            LEAST + 'product = { columns = ["a", "b"], codes = "c" }',
            "field 'fields.product': codes needs one column of codes for each column of names",
        ),
        (
            LEAST + 'product = { columns = ["a", "b"], path_separator = "/" }',
            "field 'fields.product': path_separator divides one column",
        ),
        (
            LEAST + 'causes = { columns = ["a", "b"], separator = "/" }',
            "field 'fields.causes.0': separator divides one column without codes",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, toml, message):
    assert message in wrong(tmp_path, toml)


def test_several_mistakes_are_told_together(tmp_path):
    message = wrong(tmp_path, LEAST + "\n".join(f'key{number} = "x"' for number in range(9)))
    assert message.count("there is no field") == 5
    assert message.endswith("; and 4 more.")


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(SourceError, match=r"bank.toml cannot be read .* shipped: citizens"):
        load_mapping(tmp_path / "bank.toml")
    with pytest.raises(SourceError, match="is not in UTF-8"):
        load_mapping(write(tmp_path / "bank.toml", "# 映射".encode("gb18030")))


def test_a_mapping_with_a_mark_at_its_beginning(tmp_path):
    assert load_mapping(write(tmp_path / "bank.toml", "\ufeff" + LEAST)).system == "test"


def test_the_shipped_mappings_are_found_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shipped() == ("citizens",)
    assert load_mapping("citizens").system == "citizens"
    write(tmp_path / "citizens", LEAST)
    assert load_mapping("citizens").system == "test", "a file of one's own comes first"


def test_short_and_long_ways_of_writing_are_the_same():
    short = mapping(LEAST + 'product = ["a", "b"]\ncauses = ["c", "d"]\nsubject = "e"')
    long = mapping(
        LEAST
        + 'product = { columns = ["a", "b"] }\nsubject = { column = "e" }\n'
        + 'causes = [{ column = "c" }, { column = "d" }]'
    )
    assert short.fields.product.names == long.fields.product.names == ("a", "b")
    assert [cause.names for cause in short.fields.causes] == [("c",), ("d",)]
    assert short.fields.subject == long.fields.subject
    assert list(short.columns()) == list(long.columns())


def test_all_columns_are_known():
    found = mapping(
        LEAST
        + """
amount = { column = "a", currency_column = "b" }
product = { columns = ["c"], codes = ["d"] }
causes = { column = "e", share = "g", confidence = "f" }
channel = { constant = "WEB" }
[customer]
mobile = "h"
[decision]
when = "i"
outcome = { constant = "EXPLAINED" }
compensation = { column = "j", currency_column = "b" }
"""
    )
    assert dict(found.columns()) | {"decision.compensation": "j"} == {
        "fields.received_at": "day",
        "fields.amount": "b",
        "fields.product": "d",
        "fields.causes": "g",
        "customer.mobile": "h",
        "decision.when": "i",
        "decision.compensation": "j",
    }
    assert {column for _, column in found.columns()} == {*"abcdefghij", "day"}


def test_business_codes_are_those_of_the_vocabulary(tmp_path):
    path = tmp_path / "t.csv"
    toml = LEAST + 'type = { column = "type", value_map = { fees = "HIDDEN_FEES" } }'
    with pytest.raises(SourceError, match=r"fields.type: 'HIDDEN_FEES' is not known; .*FRAUD"):
        table(path, mapping(toml), ZONE, NOW)
    ours = Vocabulary(types={**TYPES, "HIDDEN_FEES": Label("隐藏收费", "hidden fees")})
    assert table(path, mapping(toml), ZONE, NOW, ours).system == "test"


def test_another_mapping_is_another_fingerprint(tmp_path):
    one = table(tmp_path / "t.csv", mapping(LEAST), ZONE, NOW)
    two = table(tmp_path / "u.csv", mapping(LEAST), ZONE, NOW)
    three = table(tmp_path / "t.csv", mapping(LEAST + 'subject = "x"'), ZONE, NOW)
    assert one.fingerprint() == two.fingerprint() != three.fingerprint()


def test_where_the_words_lie_does_not_count_but_what_they_say(tmp_path: Path) -> None:
    def fingerprint(folder: str, words: str) -> str:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "words.toml").write_text(words, "utf-8")
        file = write(tmp_path / folder / "m.toml", 'words = "words.toml"\n' + LEAST)
        return table(tmp_path / "t.csv", load_mapping(file), ZONE, NOW).fingerprint()

    phone = '[channel]\nPHONE = ["Ring"]\n'
    assert fingerprint("a", phone) == fingerprint("b", phone)
    assert fingerprint("a2", phone) != fingerprint("c", phone.replace("Ring", "Samtal"))


def test_an_encoding_that_cannot_be_read_names_those_that_can(tmp_path: Path) -> None:
    message = wrong(tmp_path, LEAST + '[file]\nencoding = "ebcdic"\n')
    assert all(name in message for name in ENCODINGS)
    assert FileKeys().encoding == "utf-8"
