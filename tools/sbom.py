"""What ships, as a CycloneDX list with licences: `python -m tools.sbom --output sbom.cdx.json`.

Three kinds: the installed Python packages that the wheel needs, the browser libraries whose files
it holds, and the jars of the embedded engine, which run in another process. Licences that a
package does not name by an SPDX expression stand in ``licences.toml``, as does the policy.
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Annotated, Any

import typer
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import AND, OR, LicenseWithExceptionSymbol, get_spdx_licensing
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LICENCES = Path(__file__).with_name("licences.toml")
JARS = ROOT / "graph" / "embedded" / "jars.lock"
BROWSER = ROOT / "api" / "web" / "dist" / "installed.json"

_SPDX = get_spdx_licensing()


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A package or jar that ships: ``kind`` is that of its package URL, ``licence`` SPDX."""

    kind: str
    name: str
    version: str
    licence: str
    sha256: str | None = None

    @property
    def url(self) -> PackageURL:
        group, _, name = self.name.rpartition(":" if self.kind == "maven" else "/")
        version, _, classifier = self.version.partition(":")
        return PackageURL(
            self.kind,
            group or None,
            name,
            version,
            {"classifier": classifier} if classifier else None,
        )


class UnknownLicenceError(Exception):
    """Nothing says under which licence something ships."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which licences may ship, and what those are that are not named elsewhere."""

    permissive: frozenset[str]
    process: frozenset[str]
    reasons: Mapping[str, str]
    absent: tuple[str, ...]
    python: Mapping[str, str]
    jars: Mapping[str, str]

    @classmethod
    def load(cls, path: Path = LICENCES) -> "Policy":
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        return cls(
            permissive=frozenset(table["permissive"]),
            process=frozenset(table["process"]),
            reasons=table["reasons"],
            absent=tuple(table["absent"]["packages"]),
            python=table["python"],
            jars=table["jars"],
        )

    def problem(self, part: Part) -> str | None:
        """Why it may not ship; None if it may."""
        allowed = self.permissive
        if part.kind == "maven":
            allowed = allowed | self.process
        elif part.name in self.reasons or self.is_absent(part):
            return None
        if _allows(_SPDX.parse(part.licence), allowed):
            return None
        return f"{part.name} {part.version}: {part.licence}"

    def is_absent(self, part: Part) -> bool:
        """Whether it is installed here, but in no image."""
        return part.kind == "pypi" and any(fnmatch(part.name, each) for each in self.absent)


def main(
    output: Annotated[Path | None, typer.Option(help="The file; else standard output.")] = None,
) -> None:
    """Write the list of what ships here."""
    text = document(sorted(parts(Policy.load())))
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, "utf-8")


def parts(policy: Policy) -> Iterator[Part]:
    """Everything that ships.

    Raises:
        UnknownLicenceError: the licence of one of them is not known.
    """
    for found in needed(project()["project"]["dependencies"]):
        name = canonicalize_name(found.name)
        yield Part("pypi", name, found.version, _python_licence(name, found, policy))
    for library in json.loads(BROWSER.read_text("utf-8")):
        yield Part("npm", library["name"], library["version"], library["licence"])
    yield from _jars(policy)


def project() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def needed(requirements: Iterable[str]) -> list[Distribution]:
    """The installed distributions that these need on this platform, they themselves included.

    Less what the lock leaves out.
    """
    excluded = set(project()["tool"]["uv"]["exclude-dependencies"])
    waiting = [Requirement(each) for each in requirements]
    seen: dict[tuple[str, frozenset[str]], Distribution] = {}
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen[key] = found = distribution(requirement.name)
        extras = ("", *requirement.extras)
        inner = map(Requirement, found.requires or ())
        waiting += [
            each
            for each in inner
            if canonicalize_name(each.name) not in excluded
            and (each.marker is None or any(each.marker.evaluate({"extra": e}) for e in extras))
        ]
    return list({name: found for (name, _), found in seen.items()}.values())


def document(found: list[Part]) -> str:
    """The parts as CycloneDX, checked against its schema."""
    licences = LicenseFactory()
    bom = Bom()
    about = project()["project"]
    bom.metadata.component = root = Component(
        name=about["name"],
        version=about["version"],
        type=ComponentType.APPLICATION,
        bom_ref=about["name"],
        licenses=[licences.make_from_string(about["license"])],
    )
    for part in found:
        purl = part.url
        bom.components.add(
            Component(
                name=purl.name,
                group=purl.namespace,
                version=part.version,
                type=ComponentType.LIBRARY,
                purl=purl,
                bom_ref=str(purl),
                licenses=[licences.make_from_string(part.licence)],
                hashes=[]
                if part.sha256 is None
                else [HashType(alg=HashAlgorithm.SHA_256, content=part.sha256)],
            )
        )
    bom.register_dependency(root, bom.components)
    text: str = JsonV1Dot6(bom).output_as_string(indent=1)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"this is no CycloneDX: {error}")
    return f"{text}\n"


def _python_licence(name: str, found: Distribution, policy: Policy) -> str:
    said = policy.python.get(name) or found.metadata.json.get("license_expression")
    if not said:
        raise UnknownLicenceError(
            f"{name} names no licence as an SPDX expression: look at its text, and add a line to "
            f"[python] in {LICENCES.relative_to(ROOT)}."
        )
    return str(said)


def _jars(policy: Policy) -> Iterator[Part]:
    lock = tomllib.loads(JARS.read_text("utf-8"))
    for table in (lock["jars"], *lock["natives"].values()):
        for coordinates, sha256 in table.items():
            group, artifact, version = coordinates.split(":", 2)
            name = f"{group}:{artifact}"
            licence = policy.jars.get(name) or policy.jars.get(group)
            if licence is None:
                raise UnknownLicenceError(
                    f"{name} has no line in [jars] in {LICENCES.relative_to(ROOT)}."
                )
            yield Part("maven", name, version, licence, sha256)


def _allows(licence: Any, allowed: frozenset[str]) -> bool:
    """Whether somebody who may use only ``allowed`` may use what has this licence."""
    if isinstance(licence, AND):
        return all(_allows(each, allowed) for each in licence.args)
    if isinstance(licence, OR):
        return any(_allows(each, allowed) for each in licence.args)
    if isinstance(licence, LicenseWithExceptionSymbol):
        # An exception only permits more.
        return licence.license_symbol.key in allowed
    return licence.key in allowed


if __name__ == "__main__":
    typer.run(main)
