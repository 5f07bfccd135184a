"""Commands as a user runs them: clear sentences, exit codes that tell, no stack trace."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest


def run(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command, in a process of its own."""
    inherited: Mapping[str, str] = {
        key: value for key, value in os.environ.items() if not key.startswith("COMPLAINT_GRAPH_")
    }
    return subprocess.run(
        [sys.executable, "-m", "scripts", *arguments],
        env={**inherited, "COMPLAINT_GRAPH_HOME": str(home), **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


def told(finished: subprocess.CompletedProcess[str]) -> str:
    """What a failed command says; it must be one sentence and no stack trace."""
    assert finished.returncode == 1, finished
    assert "Traceback" not in finished.stderr
    return finished.stderr


def test_a_busy_port_is_told_before_the_long_start(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = told(run("serve", "--port", str(port), home=tmp_path))
    assert "--port" in message
    assert not (tmp_path / "neo4j").exists()


def test_another_address_needs_a_sign_in_and_names(tmp_path: Path) -> None:
    elsewhere = ("serve", "--host", "0.0.0.0")
    assert "COMPLAINT_GRAPH_ACCESS__ISSUER" in told(run(*elsewhere, home=tmp_path))
    production = {"COMPLAINT_GRAPH_ENVIRONMENT": "production"}
    message = told(run(*elsewhere, home=tmp_path, **production))
    assert "COMPLAINT_GRAPH_SERVER__ALLOWED_HOSTS" in message


@pytest.mark.parametrize(
    "command",
    [
        ("import", "cfpb"),
        ("import", "table", "--mapping", "citizens"),
        ("import", "suggest"),
        ("restore",),
        ("rules", "check"),
    ],
    ids=" ".join,
)
def test_a_missing_file_is_told_before_anything_is_started(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    assert "none.csv" in told(run(*command, str(tmp_path / "none.csv"), home=tmp_path / "home"))
    assert not (tmp_path / "home" / "neo4j").exists()


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    message = told(
        run(
            "link",
            home=tmp_path,
            COMPLAINT_GRAPH_ENCODER__MODEL=str(tmp_path / "no-model"),
        )
    )
    assert "no-model" in message


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    message = told(
        run("migrate", home=tmp_path, COMPLAINT_GRAPH_NEO4J__URI=f"bolt://127.0.0.1:{port}")
    )
    assert "COMPLAINT_GRAPH_NEO4J__URI" in message


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert "COMPLAINT_GRAPH_HOME" in told(run("link", home=file / "home"))


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("this machine does not let tests mount a small disk")
    try:
        (disk / "filler").write_bytes(b"x" * 1_000_000)
        message = told(run("migrate", home=disk / "home"))
        assert "disk" in message.lower() or "space" in message.lower()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_the_check_of_a_mapping_needs_no_graph(tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text(
        "留言编号,留言用户,留言主题,留言时间,留言详情,答复意见,答复时间\n"
        "1,U1,年费,2024/4/25 9:32:09,年费没有告知,已退还,2024/4/30 10:00:00\n"
        "2,U2,年费,昨天,年费没有告知,,\n",
        encoding="utf-8",
    )
    finished = run(
        "import", "table", str(table), "--mapping", "citizens", "--check", "--json", home=tmp_path
    )
    assert finished.returncode == 3, finished.stderr
    rows = json.loads(finished.stdout)["rows"]
    assert rows[0]["fields"]["decisions.outcome"] == "EXPLAINED"
    assert rows[1]["rejected"]["field"] == "received_at"
    assert not (tmp_path / "neo4j").exists()


def test_a_mapping_that_does_not_exist_is_told(tmp_path: Path) -> None:
    message = told(
        run("import", "table", "x.csv", "--mapping", str(tmp_path / "none.toml"), home=tmp_path)
    )
    assert "none.toml" in message
