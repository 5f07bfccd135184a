"""The table of roles: what it grants, and what is told of one that is wrong."""

from pathlib import Path

import pytest

from graph.domain.access import LOCAL, NOBODY, Identity, Reach, Role
from graph.domain.scope import NOTHING, WHOLE_BANK, Scope
from graph.errors import ConfigurationError
from schema.policy import Grant, Group, load_policy

SHIPPED = load_policy()


def somebody(*roles: Role, everything: bool = False) -> Identity:
    reach = Reach(everything=True) if everything else Reach(branches=("BJ",))
    return Identity("ann", "Ann", frozenset(roles), reach)


def test_whoever_is_at_this_machine_in_development_may_do_everything() -> None:
    assert SHIPPED.permitted(LOCAL) == frozenset(Group)
    assert SHIPPED.sight(LOCAL).scope == WHOLE_BANK


def test_nobody_may_do_what_is_open_alone() -> None:
    assert SHIPPED.permitted(NOBODY) == {Group.OPEN}
    assert SHIPPED.sight(NOBODY).scope == NOTHING


def test_every_role_stands_in_the_shipped_table() -> None:
    assert SHIPPED.roles.keys() == set(Role)


def test_a_customer_sees_no_case() -> None:
    customer = somebody(Role.CUSTOMER, everything=True)
    assert SHIPPED.permitted(customer) == {Group.OPEN}
    assert SHIPPED.sight(customer).scope == NOTHING


def test_what_cannot_be_divided_is_for_those_who_reach_the_whole_bank() -> None:
    assert Group.WATCH not in SHIPPED.permitted(somebody(Role.SUPERVISOR))
    assert Group.WATCH in SHIPPED.permitted(somebody(Role.SUPERVISOR, everything=True))


def test_of_several_roles_the_widest_grant_holds() -> None:
    handler, both = somebody(Role.HANDLER), somebody(Role.AUDITOR, Role.HANDLER)
    assert SHIPPED.grant(handler, Group.PRECEDENTS) is Grant.BANK
    assert SHIPPED.grant(somebody(Role.AUDITOR), Group.PRECEDENTS) is Grant.REACH
    assert SHIPPED.grant(both, Group.PRECEDENTS) is Grant.BANK
    assert SHIPPED.permitted(both) >= SHIPPED.permitted(handler)


def test_reach_is_branches_departments_and_what_is_assigned() -> None:
    reach = Reach(branches=("BJ",), departments=("CARDS",))
    identity = Identity("ann", roles=frozenset({Role.HANDLER}), reach=reach)
    assert SHIPPED.sight(identity).scope == Scope(False, ("BJ",), ("CARDS",), "ann")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('version = 1\n[HANDLER]\ncase = "reach"', "case"),
        ('version = 1\n[CLERK]\ncases = "reach"', "CLERK"),
        ('version = 1\n[HANDLER]\ncases = "all"', "HANDLER.cases"),
        ('version = 1\n[HANDLER]\ncatalogue = "reach"', 'catalogue takes "bank" only'),
        ('version = 1\n[HANDLER]\ncases = "reach"\ncustomers = "bank"', "customers takes"),
        ('version = 1\n[HANDLER]\nfigures = "reach"', "figures needs cases"),
        ('version = 1\n[HANDLER]\ncases = "reach"\nhistory = "reach"', "history needs customers"),
        ('version = 1\n[HANDLER]\ndesk = "reach"', "desk needs cases"),
        ('version = 1\n[HANDLER]\nopen = "bank"', "open is everybody's"),
        ("version = 2", "version"),
        ("[HANDLER]", "version"),
        ("version =", "cannot be read"),
    ],
)
def test_a_wrong_table_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "roles.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path)
    assert said in caught.value.message
    assert str(path) in caught.value.message


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_policy(tmp_path / "none.toml")


def test_a_bank_may_grant_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "roles.toml"
    path.write_text('version = 1\n[AUDITOR]\ncases = "bank"\ncustomers = "reach"\n')
    policy = load_policy(path)
    auditor = somebody(Role.AUDITOR)
    assert policy.sight(auditor).scope == WHOLE_BANK
    assert policy.permitted(auditor) == {Group.OPEN, Group.CASES, Group.CUSTOMERS}
    assert policy.permitted(somebody(Role.HANDLER)) == {Group.OPEN}
