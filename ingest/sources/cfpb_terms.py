"""The columns and the closed sets of the CFPB's files, and what they mean here."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from graph.domain.enums import Channel, OutcomeKind, RemedyKind


class Columns(NamedTuple):
    """What we read of each row: the names of the columns, or one row's values in them."""

    id: str
    received: str
    product: str
    sub_product: str
    issue: str
    sub_issue: str
    company: str
    state: str
    narrative: str
    public_response: str
    tags: str
    via: str
    response: str
    timely: str
    disputed: str

    @property
    def required(self) -> tuple[str, ...]:
        return (
            self.id,
            self.received,
            self.product,
            self.issue,
            self.company,
            self.via,
            self.response,
        )


CSV = Columns(
    id="Complaint ID",
    received="Date received",
    product="Product",
    sub_product="Sub-product",
    issue="Issue",
    sub_issue="Sub-issue",
    company="Company",
    state="State",
    narrative="Consumer complaint narrative",
    public_response="Company public response",
    tags="Tags",
    via="Submitted via",
    response="Company response to consumer",
    timely="Timely response?",
    disputed="Consumer disputed?",
)
API = Columns(
    id="complaint_id",
    received="date_received",
    product="product",
    sub_product="sub_product",
    issue="issue",
    sub_issue="sub_issue",
    company="company",
    state="state",
    narrative="complaint_what_happened",
    public_response="company_public_response",
    tags="tags",
    via="submitted_via",
    response="company_response",
    timely="timely",
    disputed="consumer_disputed",
)

#: How exports write that there is nothing.
NOTHING = frozenset({"", "N/A", "None"})

CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        "Web": Channel.WEB,
        "Web Referral": Channel.WEB,
        "Referral": Channel.REGULATOR,
        "Phone": Channel.PHONE,
        "Postal mail": Channel.LETTER,
        "Fax": Channel.OTHER,
        "Email": Channel.EMAIL,
        "": Channel.OTHER,
    }
)

#: None: not decided. Until June 2012 relief meant relief in money only, with two answers for all;
#: "Closed" means neither relief nor an explanation.
RESPONSES: Mapping[str, tuple[OutcomeKind, RemedyKind] | None] = MappingProxyType(
    {
        "Closed with monetary relief": (OutcomeKind.UPHELD, RemedyKind.MONETARY),
        "Closed with relief": (OutcomeKind.UPHELD, RemedyKind.MONETARY),
        "Closed with non-monetary relief": (OutcomeKind.UPHELD, RemedyKind.NON_MONETARY),
        "Closed with explanation": (OutcomeKind.EXPLAINED, RemedyKind.EXPLANATION),
        "Closed without relief": (OutcomeKind.NOT_UPHELD, RemedyKind.NONE),
        "Closed": (OutcomeKind.NOT_UPHELD, RemedyKind.NONE),
        "": None,
        "In progress": None,
        "Untimely response": None,
    }
)
TIMELY: Mapping[str, bool | None] = MappingProxyType({"Yes": True, "No": False, "": None})
#: A customer who disputes the answer is dissatisfied; one who does not may still be.
DISPUTED: Mapping[str, int | None] = MappingProxyType({"Yes": 1, "No": None, "": None})

#: A public response that says only that there is none.
NO_RESPONSE = re.compile(r"chooses not to provide a public response$")
