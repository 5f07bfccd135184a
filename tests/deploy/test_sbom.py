"""What ships is listed whole, and every licence of it is one that may ship."""

import json
import re
import tomllib
from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name

from graph.embedded.jars import jar_lock
from tests.deploy.files import ROOT
from tests.support.nodes import need_files
from tools.sbom import Part, Policy, UnknownLicenceError, document, needed, parts, project


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy.load()


@pytest.fixture(scope="module")
def shipped(policy: Policy) -> list[Part]:
    need_files()
    return sorted(parts(policy))


def test_everything_that_ships_may_ship(policy: Policy, shipped: list[Part]) -> None:
    assert [wrong for each in shipped if (wrong := policy.problem(each))] == []


@pytest.mark.parametrize(
    ("kind", "licence", "fits"),
    [
        ("pypi", "MIT", True),
        ("pypi", "GPL-3.0-only", False),
        ("pypi", "MIT AND GPL-3.0-only", False),
        ("pypi", "GPL-3.0-only OR MIT", True),
        ("pypi", "Apache-2.0 WITH LLVM-exception", True),
        ("npm", "MPL-2.0", False),
        ("npm", "AGPL-3.0-only", False),
        ("maven", "GPL-3.0-only", True),
        ("maven", "AGPL-3.0-only", False),
        ("pypi", "LicenseRef-NVIDIA-Proprietary", False),
    ],
)
def test_copyleft_stays_behind_the_process(
    policy: Policy, kind: str, licence: str, fits: bool
) -> None:
    assert (policy.problem(Part(kind, "example", "1", licence)) is None) is fits


def test_the_list_is_of_what_is_locked(shipped: list[Part]) -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", lock, re.MULTILINE))
    # A virtual environment may bring a setuptools of its own.
    python = {
        each.name: each.version
        for each in shipped
        if each.kind == "pypi" and each.name != "setuptools"
    }
    assert set(python.items()) - locked == set()
    direct = {
        canonicalize_name(re.split(r"[<>=\[]", each)[0])
        for each in project()["project"]["dependencies"]
    }
    assert direct <= set(python)


def test_what_only_developers_need_is_not_in_it(shipped: list[Part]) -> None:
    assert not {"pytest", "mypy", "ruff", "pip-audit"} & {each.name for each in shipped}


def test_every_jar_is_in_it_with_its_hash(shipped: list[Part]) -> None:
    hashes = {each.sha256 for each in shipped if each.kind == "maven"}
    assert {jar.sha256 for jar in jar_lock().jars} <= hashes
    assert None not in hashes


def test_every_browser_library_is_in_it(shipped: list[Part]) -> None:
    package = json.loads((ROOT / "api" / "web" / "package.json").read_text("utf-8"))
    found = {(each.name, each.version) for each in shipped if each.kind == "npm"}
    assert set(package["dependencies"].items()) <= found


def test_the_document_is_cyclonedx_with_a_licence_for_each(shipped: list[Part]) -> None:
    told = json.loads(document(shipped))
    assert told["bomFormat"] == "CycloneDX"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert told["metadata"]["component"]["version"] == version
    assert len(told["components"]) == len(shipped)
    assert all(each["licenses"] and each["purl"] for each in told["components"])


def test_a_package_without_a_licence_is_told(policy: Policy) -> None:
    silent = {name: said for name, said in policy.python.items() if name != "jinja2"}
    with pytest.raises(UnknownLicenceError, match="jinja2"):
        list(parts(replace(policy, python=silent)))
    with pytest.raises(UnknownLicenceError, match="java-jwt"):
        list(parts(replace(policy, jars={})))


def test_no_line_of_the_policy_is_about_what_is_gone(policy: Policy, shipped: list[Part]) -> None:
    python = {each.name for each in shipped if each.kind == "pypi"}
    assert set(policy.reasons) <= python
    jars = {each.name for each in shipped if each.kind == "maven"}
    groups = {name.partition(":")[0] for name in jars}
    assert set(policy.jars) <= jars | groups


def test_extras_and_markers_are_followed() -> None:
    names = {each.name for each in needed(["throttled-py[redis]"])}
    assert "redis" in names
    assert "redis" not in {each.name for each in needed(["throttled-py"])}
