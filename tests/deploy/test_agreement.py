"""The files that ship the service agree with it: settings, versions, paths, ports, times."""

import asyncio
import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import health
from api.app import create_app
from api.guard import Bounds
from api.services import Services
from api.settings import Settings
from graph.embedded import config
from graph.embedded.jars import jar_lock
from graph.migrations.runner import INDEX_WAIT_SECONDS
from similarity.encoding.options import BUNDLED
from tests.deploy.files import (
    CHART,
    COMPOSE,
    DEPLOY,
    DOCKERFILE,
    ROOT,
    UID,
    compose,
    instructions,
    known,
    named,
    unit,
    yaml_of,
)

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
PORT = Settings.model_fields["server"].default.port
SHIPPED = sorted(
    path
    for path in DEPLOY.rglob("*")
    if path.is_file() and path.suffix in {"", ".yaml", ".tpl", ".service", ".env", ".conf"}
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_every_variable_is_a_setting(path: Path) -> None:
    assert named(path.read_text("utf-8")) - known() == set()


def test_the_files_that_name_settings_were_looked_at() -> None:
    naming = {path.name for path in SHIPPED if named(path.read_text("utf-8"))}
    assert naming >= {"Dockerfile", "compose.yaml", "complaint-graph.service", "settings.env"}


@pytest.mark.parametrize("name", ["values.yaml", "ci/one.yaml", "ci/everything.yaml"])
def test_every_setting_of_the_chart_exists(name: str) -> None:
    settings = yaml_of(CHART / name)["settings"]
    assert {f"COMPLAINT_GRAPH_{each}" for each in settings} - known() == set()


def test_the_pages_name_settings_that_exist() -> None:
    told = named((ROOT / "docs" / "deployment.md").read_text("utf-8"))
    assert told
    assert told - known() == set()


def test_the_chart_refuses_secrets_among_its_settings() -> None:
    schema = yaml_of(CHART / "values.schema.json")["properties"]["settings"]
    refused = {f"COMPLAINT_GRAPH_{each}" for each in schema["propertyNames"]["not"]["enum"]}
    assert refused - known() == set()
    assert _secret_settings() <= refused


def _secret_settings() -> set[str]:
    found = set()
    for name in known():
        section, _, field = name.removeprefix("COMPLAINT_GRAPH_").lower().partition("__")
        kind = Settings.model_fields[section].annotation
        inner = getattr(kind, "model_fields", {}).get(field)
        if inner is not None and "SecretStr" in str(inner.annotation):
            found.add(name)
    assert len(found) >= 5
    return found


def test_versions_agree() -> None:
    assert compose("service")["image"] == f"complaint-graph:{VERSION}"
    assert yaml_of(CHART / "Chart.yaml")["appVersion"] == VERSION
    assert f'version="{VERSION}"' in DOCKERFILE.read_text("utf-8")
    assert compose("neo4j")["image"] == f"neo4j:{jar_lock().version}-community"


def test_images_are_pinned_by_version() -> None:
    (base,) = [each for each in instructions("ARG") if each.startswith("BASE=")]
    assert re.fullmatch(r"BASE=python:3\.\d+\.\d+-slim-\w+", base)
    sources = {each.split()[0] for each in instructions("FROM")}
    assert sources == {"${BASE}", "dependencies"}


def test_the_image_is_built_by_the_installer_that_set_up_uses() -> None:
    (version,) = re.findall(r"^UV_VERSION := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"UV_VERSION={version}" in instructions("ARG")


def test_all_that_the_image_copies_is_let_into_its_context() -> None:
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    assert all((ROOT / name).exists() for name in let_in)
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert let_in >= {*wheel["targets"]["wheel"]["packages"], "tools", "README.md", "LICENSE"}
    copied = [each for each in instructions("COPY") if not each.startswith(("--from", ". "))]
    assert copied
    for each in copied:
        assert set(each.split()[:-1]) <= let_in


def test_probes_ask_paths_that_exist_by_a_name_that_is_answered() -> None:
    """A probe by the pod's address would be refused."""
    text = (CHART / "templates" / "deployment.yaml").read_text("utf-8")
    paths = re.findall(r'"path" "([^"]+)"', text)
    assert set(paths) == {"/health/live", "/health/ready"}
    helpers = (CHART / "templates" / "_helpers.tpl").read_text("utf-8")
    (host,) = re.findall(r"name: Host, value: ([\w.]+)", helpers)
    settings = Settings.load()
    with TestClient(create_app(settings, opening=_never), base_url="http://10.1.2.3") as client:
        for path in paths:
            assert client.get(path).status_code == 403
            assert client.get(path, headers={"Host": host}).status_code in {200, 503}


@asynccontextmanager
async def _never() -> AsyncIterator[Services]:
    """Services that go on opening."""
    await asyncio.Event().wait()
    raise AssertionError
    yield


def test_the_container_asks_itself_whether_it_is_ready() -> None:
    (check,) = instructions("HEALTHCHECK")
    assert "/health/ready" in check
    assert f"'{PORT}'" in check


def test_ports_agree() -> None:
    assert instructions("EXPOSE") == [str(PORT)]
    assert compose("service")["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]
    assert f"containerPort: {PORT}" in (CHART / "templates" / "deployment.yaml").read_text()
    conf = (COMPOSE.parent / "neo4j.conf").read_text()
    address = compose("service")["environment"]["COMPLAINT_GRAPH_NEO4J__URI"]
    assert f"server.bolt.listen_address=0.0.0.0:{address.rpartition(':')[2]}" in conf


def test_whoever_stops_it_waits_until_a_request_has_had_its_time() -> None:
    values = yaml_of(CHART / "values.yaml")
    needed = Bounds().seconds + 15
    assert values["terminationGracePeriodSeconds"] >= needed + values["preStopSeconds"]
    assert int(compose("service")["stop_grace_period"].rstrip("s")) >= needed
    assert int(unit()["TimeoutStopSec"][0]) >= needed


def test_kubernetes_waits_for_a_start_that_builds_indexes() -> None:
    probes = yaml_of(CHART / "values.yaml")["probes"]
    assert probes["startupSeconds"] >= INDEX_WAIT_SECONDS + 60
    assert probes["timeoutSeconds"] > health._SECONDS


def test_users_agree() -> None:
    assert instructions("USER") == [f"{UID}:{UID}"]
    assert compose("service")["user"] == f"{UID}:{UID}"
    assert f"runAsUser: {UID}" in (CHART / "templates" / "deployment.yaml").read_text()


def test_the_model_is_in_the_image_where_the_service_looks_for_it() -> None:
    dockerfile = DOCKERFILE.read_text("utf-8")
    assert "XDG_CACHE_HOME=/opt/cache" in instructions("ENV")[-1]
    assert "bundled_graph(models) if '${TORCH_BACKEND}' == 'cpu'" in dockerfile
    assert "COPY --from=installed /opt/cache /opt/cache" in dockerfile
    assert Settings.model_fields["encoder"].default.model == BUNDLED


def test_the_container_of_neo4j_logs_no_statement_and_is_as_the_engine() -> None:
    ours = dict(line.split("=", 1) for line in _lines(config._CONF))
    theirs = dict(
        line.split("=", 1)
        for line in _lines((COMPOSE.parent / "neo4j.conf").read_text("utf-8"))
        if not line.startswith("server.jvm")
    )
    own = ("server.default_listen_address", "server.bolt.", "server.memory", "server.directories")
    differing = {
        name: value
        for name, value in theirs.items()
        if not name.startswith(own) and ours.get(name) != value
    }
    assert differing == {}
    assert theirs["db.logs.query.enabled"] == "OFF"
    text = (COMPOSE.parent / "neo4j.conf").read_text("utf-8")
    for package in config._OPENED:
        assert f"--add-opens=java.base/{package}=ALL-UNNAMED" in text


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]
