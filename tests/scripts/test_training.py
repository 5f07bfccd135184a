"""`complaint-graph train` where nothing has been learnt yet."""

import json
from pathlib import Path

from tests.scripts.test_command_line import run, told


def test_without_versions_the_list_is_empty(tmp_path: Path) -> None:
    finished = run("train", "--list", "--json", home=tmp_path)
    assert finished.returncode == 0
    assert json.loads(finished.stdout) == {"versions": []}


def test_an_unknown_version_is_told(tmp_path: Path) -> None:
    assert "--list" in told(run("train", "--use", "20260101T000000Z-00000000", home=tmp_path))
    assert "--list" in told(run("train", "--use", "../../etc", home=tmp_path))
