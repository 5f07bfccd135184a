"""Whoever gets into the service's process has little to gain: what the files leave it."""

import pytest

from tests.deploy.files import CHART, COMPOSE, DOCKERFILE, compose, instructions, unit, yaml_of


def test_the_image_is_no_roots() -> None:
    dockerfile = DOCKERFILE.read_text("utf-8")
    last = dockerfile.rpartition("\nFROM ")[2]
    (user,) = instructions("USER")
    assert user.partition(":")[0].isdigit()
    assert int(user.partition(":")[0]) >= 10_000
    assert last.index("USER ") < last.index("ENTRYPOINT ")


def test_the_image_starts_the_service_itself_so_that_signals_reach_it() -> None:
    assert instructions("ENTRYPOINT") == ['["complaint-graph"]']
    assert instructions("CMD") == ['["serve"]']


def test_no_secret_can_stay_in_a_layer() -> None:
    words = ("PASSWORD", "KEY", "TOKEN", "SECRET")
    given = " ".join([*instructions("ENV"), *instructions("ARG")]).upper()
    assert [word for word in words if word in given] == []
    mounted = [each for each in instructions("RUN") if "--mount" in each]
    assert mounted
    assert all("--mount=type=secret" in each for each in mounted)


def test_the_image_asks_for_a_sign_in() -> None:
    assert "COMPLAINT_GRAPH_ENVIRONMENT=production" in instructions("ENV")[-1]


@pytest.mark.parametrize("name", ["service", "neo4j"])
def test_containers_write_only_where_they_must(name: str) -> None:
    service = compose(name)
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service["user"].startswith("0")
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc"} & set(service)


def test_neo4j_can_be_reached_by_the_service_alone() -> None:
    document = yaml_of(COMPOSE)
    assert "ports" not in compose("neo4j")
    assert compose("neo4j")["networks"] == ["graph"]
    assert document["networks"]["graph"]["internal"] is True
    assert "server.http.enabled=false" in (COMPOSE.parent / "neo4j.conf").read_text("utf-8")


def test_the_service_starts_when_neo4j_answers() -> None:
    condition = compose("service")["depends_on"]["neo4j"]["condition"]
    assert condition == "service_healthy"
    assert compose("neo4j")["healthcheck"]["test"][0] == "CMD"


def test_secrets_of_containers_are_files() -> None:
    document = yaml_of(COMPOSE)
    assert all(set(each) == {"file"} for each in document["secrets"].values())
    words = ("PASSWORD", "PRIVACY__KEY", "CLIENT_SECRET")
    for service in document["services"].values():
        assert [each for each in service["environment"] if each.endswith(words)] == []
    targets = {each["target"] for each in compose("service")["secrets"]}
    assert targets == {"COMPLAINT_GRAPH_NEO4J__PASSWORD", "COMPLAINT_GRAPH_PRIVACY__KEY"}


def test_files_of_secrets_are_not_committed() -> None:
    ignored = (DOCKERFILE.parent.parent / ".gitignore").read_text().splitlines()
    assert "deploy/compose/secrets/" in ignored
    assert "deploy/compose/settings.env" in ignored


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("ProtectKernelTunables", "yes"),
        ("RestrictNamespaces", "yes"),
        ("SystemCallArchitectures", "native"),
        ("LimitCORE", "0"),
        ("UMask", "0077"),
    ],
)
def test_the_unit_is_hardened(name: str, value: str) -> None:
    assert unit()[name] == [value]


def test_the_unit_keeps_secrets_out_of_the_environment() -> None:
    lines = unit()
    assert "COMPLAINT_GRAPH_SECRETS=%d" in lines["Environment"]
    names = {each.partition(":")[0] for each in lines["LoadCredential"]}
    assert names == {"COMPLAINT_GRAPH_NEO4J__PASSWORD", "COMPLAINT_GRAPH_PRIVACY__KEY"}
    assert not any(name in each for name in names for each in lines["Environment"])


def test_the_unit_leaves_torch_what_it_needs() -> None:
    """With either the model does not load: it reads /proc/cpuinfo and compiles its kernels."""
    assert not {"MemoryDenyWriteExecute", "ProcSubset"} & set(unit())


def test_the_charts_values_are_closed() -> None:
    schema = yaml_of(CHART / "values.schema.json")
    assert schema["additionalProperties"] is False
    assert set(yaml_of(CHART / "values.yaml")) <= set(schema["properties"])
