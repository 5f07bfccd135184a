"""The table of roles: what each may do, from a TOML file that a bank can replace."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from graph.domain.access import Identity, Role
from graph.domain.scope import NOTHING, WHOLE_BANK, Scope
from graph.errors import ConfigurationError
from graph.validation import Place, problems
from schema.policy.groups import FOLLOWS_CASES, INDIVISIBLE, UNDIVIDED, Grant, Group
from schema.sight import Sight


class _Grants(RootModel[dict[Group, Grant]]):
    """What one role may do."""

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        grants = self.root
        if Group.OPEN in grants:
            raise ValueError("open is everybody's: leave it out")
        for group in sorted(UNDIVIDED & grants.keys()):
            if grants[group] is not Grant.BANK:
                raise ValueError(f'{group} takes "bank" only: it is not a matter of reach')
        for group in sorted(FOLLOWS_CASES & grants.keys()):
            if grants[group] is not Grant.REACH:
                raise ValueError(f'{group} takes "reach" only: it goes as far as cases do')
            if Group.CASES not in grants:
                raise ValueError(f"{group} needs cases: it goes as far as these")
        if Group.HISTORY in grants and Group.CUSTOMERS not in grants:
            raise ValueError("history needs customers: events hold their pseudonyms")
        for group in (Group.DESK, Group.REGISTERING, Group.OPENING):
            if group in grants and Group.CASES not in grants:
                raise ValueError(f"{group} needs cases: its answers show the case")
        return self


class Policy(BaseModel):
    """What each role may do; a role that is not named may do nothing but what is open."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    roles: Mapping[Role, _Grants] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _by_role(cls, data: object) -> object:
        """In the file, roles stand beside the version."""
        if not isinstance(data, dict):
            return data
        named = {key: value for key, value in data.items() if key != "version"}
        return {"version": data.get("version"), "roles": named}

    def grant(self, identity: Identity, group: Group) -> Grant | None:
        """The widest grant that one of somebody's roles gives; None for none."""
        given = {self.roles[role].root.get(group) for role in identity.roles if role in self.roles}
        return next((grant for grant in (Grant.BANK, Grant.REACH) if grant in given), None)

    def permitted(self, identity: Identity) -> frozenset[Group]:
        """The groups whose fields somebody may ask for."""
        return frozenset(group for group in Group if self._permits(identity, group))

    def _permits(self, identity: Identity, group: Group) -> bool:
        grant = self.grant(identity, group)
        if group in INDIVISIBLE and not identity.reach.everything:
            return grant is Grant.BANK
        return group is Group.OPEN or grant is not None

    def scope(self, identity: Identity, group: Group) -> Scope:
        """The cases on which somebody may use a group: what was opened for now is for reading."""
        match self.grant(identity, group):
            case Grant.BANK:
                return WHOLE_BANK
            case Grant.REACH:
                scope = Scope.of(identity)
                return scope if group is Group.CASES else scope.lasting
            case None:
                return NOTHING

    def sight(self, identity: Identity) -> Sight:
        """What somebody sees of the cases."""
        elsewhere = self.grant(identity, Group.PRECEDENTS) is Grant.BANK
        return Sight(self.scope(identity, Group.CASES), elsewhere)


def load_policy(path: Path | None = None) -> Policy:
    """The table of a file, or the shipped one.

    Raises:
        ConfigurationError: says what is wrong with the file.
    """
    source = path or files("schema.policy") / "roles.toml"
    try:
        return Policy.model_validate(tomllib.loads(source.read_text("utf-8")))
    except ValidationError as error:
        found = "; ".join(problems(error, Policy, _place))
        raise ConfigurationError(f"The policy file {source} is wrong: {found}.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"The policy file {source} cannot be read: {error}.") from error


def _place(place: Place) -> str:
    return ".".join(str(part) for part in place if part not in {"roles", "[key]"})
