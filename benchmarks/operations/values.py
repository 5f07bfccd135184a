"""Values that arguments are drawn from: plausible ones, and such as nobody sends who means well."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

TIMES = (
    "2026-01-20T00:00:00Z",
    "2026-03-01T00:00:00Z",
    "2026-06-30T23:59:59+08:00",
    "2026-11-01T00:00:00Z",
)
WORDS = ("年费没有告知", "房贷", "annual fee", "X1", "D1", "C3", "BANK", "BORDER", "资管计划")
_BRANCHES = ("HO", "BJ", "BJ-01", "SH")
_DEPARTMENTS = ("CARDS", "CREDIT")
_PRODUCTS = ("CARD", "CARD-FEE", "CARD-INST", "LOAN")
_CAUSES = ("UNTOLD", "SLOW")
#: By the argument's name; the last are for every other one.
CODES: Mapping[str, Sequence[str]] = {
    "branch": _BRANCHES,
    "branches": _BRANCHES,
    "lead": _DEPARTMENTS,
    "assisting": _DEPARTMENTS,
    "department": _DEPARTMENTS,
    "departments": _DEPARTMENTS,
    "product": _PRODUCTS,
    "products": _PRODUCTS,
    "rootCause": _CAUSES,
    "rootCauses": _CAUSES,
    "type": ("FEE_DISPUTE", "SERVICE_PROCESS"),
    "types": ("FEE_DISPUTE", "SERVICE_PROCESS"),
    "riskTypes": ("COMPLIANCE", "CREDIT"),
    "currency": ("CNY", "CNY", "CNY", "USD"),
    "operation": ("complaints", "clusters", "answerComplaint", "openCase"),
    "field": ("Complaint.narrative", "Complaint.customer", "Complaint.events", "Query.complaints"),
    "sourceSystem": ("border", "bank", "crm"),
    "sourceId": ("X1", "D1", "C3", "new-1", "new-2"),
    "mobile": ("13912340001", "13912340002", "13912349999"),
    "drill": ("ZH-3-7", "EN-3-7", "ZH-5-1"),
    "query": ("/desk?whose=mine", "/desk?status=any", "/desk?branches=SH"),
    "template": ("upheld", "explained"),
    "clientMutationId": ("a", "b"),
    "": (
        *_BRANCHES,
        *_DEPARTMENTS,
        *_PRODUCTS,
        *_CAUSES,
        "FEE_DISPUTE",
        "bank",
        "border",
        "no such",
    ),
}


def _id(text: bytes) -> str:
    return base64.b64encode(text).decode()


_TEXTS = (
    "",
    " ",
    "\x00",
    "年费\x00没有",
    "\ud800",
    "'\"\\`",
    "((( AND",
    "a OR NOT (b",
    "*",
    "?~^:[]{}/",
    "\u202eabc",
    "\u200b",
    "𠮷野家",
    "e\u0301" * 60,
    "年" * 3_000,
    "null",
    "-1",
    "../../etc",
    "MATCH (n) DETACH DELETE n",
    "13812345678",
)
#: By the scalar's name.
ODD: Mapping[str, Sequence[Any]] = {
    "String": _TEXTS,
    "ID": (
        *_TEXTS[:8],
        "////",
        _id(b"Complaint:"),
        _id(b"Complaint:no:such"),
        _id(b"Complaint:\xff\x00"),
        _id(b"Nothing:1"),
        _id(b":"),
        _id(b"Cluster:1"),
        _id(b"Alert:."),
    ),
    "Int": (0, -1, 2**31 - 1, -(2**31), 501, 10**6),
    "Float": (-1.0, -0.0, 1.0, 1e308, 5e-324),
    "Boolean": (True, False),
    "DateTime": (
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1969-12-31T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-01T24:00:00Z",
        "2026-06-01",
        "",
    ),
    "Date": ("0001-01-01", "9999-12-31", "1969-12-31", "2026-02-30", ""),
    "Decimal": ("NaN", "Infinity", "1e400", "-1", "0.001", "9" * 30, "", "1_0"),
    "Position": ("-1", "9" * 30, "", "x"),
}
