"""The files that ship the service, by the programs that read them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.files import CHART, COMPOSE, DOCKERFILE, UID, UNIT
from tests.support.nodes import lacking

BIN = Path(sys.executable).parent
#: The oldest Kubernetes that the chart names, and the newest that is known here.
KUBERNETES = ("1.30.0", "1.37.0")
#: How exposed systemd may find the unit, of 10 (docs/deployment.md).
EXPOSURE = 1.1


def ran(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def helm() -> str:
    """No registry of Python, npm or Debian has it: where it is missing, CI goes without, too."""
    found = shutil.which("helm")
    if found is None:
        pytest.skip("There is no helm: `go install helm.sh/helm/v4/cmd/helm@v4.3.2`.")
    return found


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    return found or lacking("There is no systemd-analyze: Debian's `systemd` has it.")


def rendered(helm: str, values: str, *options: str) -> list[Any]:
    finished = ran(helm, "template", "cg", CHART, "--values", CHART / "ci" / values, *options)
    assert finished.returncode == 0, finished.stderr
    return [each for each in yaml.safe_load_all(finished.stdout) if each]


def test_hadolint_finds_nothing() -> None:
    finished = ran(BIN / "hadolint", DOCKERFILE)
    assert (finished.returncode, finished.stdout) == (0, "")


def test_compose_takes_its_file() -> None:
    finished = ran(
        BIN / "docker-compose", "--file", COMPOSE, "config", PUBLIC_NAME="complaints.bank.example"
    )
    assert finished.returncode == 0, finished.stderr
    config = yaml.safe_load(finished.stdout)
    hosts = config["services"]["service"]["environment"]["COMPLAINT_GRAPH_SERVER__ALLOWED_HOSTS"]
    assert hosts == '["complaints.bank.example"]'


def test_compose_refuses_to_start_without_a_public_name() -> None:
    finished = ran(BIN / "docker-compose", "--file", COMPOSE, "config", "--quiet", PUBLIC_NAME="")
    assert finished.returncode != 0
    assert "PUBLIC_NAME" in finished.stderr


@pytest.mark.parametrize("values", ["one.yaml", "everything.yaml"])
def test_helm_finds_nothing(helm: str, values: str) -> None:
    finished = ran(helm, "lint", "--strict", "--quiet", CHART, "--values", CHART / "ci" / values)
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize(("values", "count"), [("one.yaml", 6), ("everything.yaml", 9)])
def test_kubernetes_takes_what_the_chart_makes(
    helm: str, values: str, count: int, version: str
) -> None:
    documents = rendered(helm, values, "--kube-version", version)
    assert len(documents) == count
    for each in documents:
        if each["kind"] != "ServiceMonitor":  # of Prometheus's operator, not of Kubernetes
            kubernetes_validate.validate(each, version, strict=True)


def test_a_wrong_field_would_be_found(helm: str) -> None:
    (deployment,) = _of_kind(rendered(helm, "one.yaml"), "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["livenessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, KUBERNETES[-1], strict=True)


def test_pods_fit_the_restricted_profile(helm: str) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/."""
    (deployment,) = _of_kind(rendered(helm, "everything.yaml"), "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == UID
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    kinds = {next(iter(set(each) - {"name"})) for each in pod["volumes"]}
    assert kinds <= {"configMap", "emptyDir", "persistentVolumeClaim", "secret"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert all("env" not in each or "value" in each for each in container["env"])


def test_one_pod_has_no_budget_and_many_have(helm: str) -> None:
    assert _of_kind(rendered(helm, "one.yaml"), "PodDisruptionBudget") == []
    (budget,) = _of_kind(rendered(helm, "everything.yaml"), "PodDisruptionBudget")
    (deployment,) = _of_kind(rendered(helm, "everything.yaml"), "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert budget["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_other_settings_make_other_pods(helm: str) -> None:
    def checksum(*options: str) -> str:
        (deployment,) = _of_kind(rendered(helm, "one.yaml", *options), "Deployment")
        told: str = deployment["spec"]["template"]["metadata"]["annotations"]["checksum/settings"]
        return told

    assert checksum() == checksum()
    assert checksum() != checksum("--set", "settings.BUSINESS__WORKING_DAYS=CN")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("settings.NEO4J__URI=http://graph", "NEO4J__URI"),
        ("settings.NEO4J__PASSWORD=secret", "NEO4J__PASSWORD"),
        ("secrets.existingSecret=", "existingSecret"),
        ("replicaCount=2", "ReadWriteMany"),
        ("image.tag=latest", "/image/tag"),
        ("imgae.tag=1", "imgae"),
        ("terminationGracePeriodSeconds=10", "terminationGracePeriodSeconds"),
        ("ingress.enabled=true", "/ingress/host"),
    ],
)
def test_wrong_values_are_refused(helm: str, given: str, told: str) -> None:
    finished = ran(
        helm, "template", "cg", CHART, "--values", CHART / "ci" / "one.yaml", "--set", given
    )
    assert finished.returncode != 0
    assert told in finished.stderr


def test_systemd_takes_the_unit(analyze: str, tmp_path: Path) -> None:
    """With a program that is here in place of the service's."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8")
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE))
    finished = ran(analyze, "verify", "--man=no", unit)
    assert (finished.returncode, finished.stderr) == (0, "")
    threshold = str(round(EXPOSURE * 10))
    scored = ran(
        *(analyze, "security", "--offline=true", "--no-pager", f"--threshold={threshold}", unit)
    )
    assert scored.returncode == 0, scored.stdout


def _of_kind(documents: list[Any], kind: str) -> list[Any]:
    return [each for each in documents if each["kind"] == kind]
