"""The wheel holds what users run, whole, and nothing else."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {"graph", "similarity", "ingest", "schema", "api", "scripts"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an unpacked wheel."""
    built, unpacked = (tmp_path_factory.mktemp(name) for name in ("built", "unpacked"))
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, check=True, cwd=ROOT, capture_output=True)
    (file,) = built.iterdir()
    ZipFile(file).extractall(unpacked)
    return unpacked


def test_wheel_holds_the_product_only(wheel: Path) -> None:
    (info,) = wheel.glob("*.dist-info")
    assert {path.name for path in wheel.iterdir()} == {*PACKAGES, info.name}
    scripts = (info / "entry_points.txt").read_text()
    assert scripts.split() == ["[console_scripts]", "complaint-graph", "=", "scripts.cli:main"]


def test_every_file_of_the_product_is_in_the_wheel(wheel: Path) -> None:
    def files(folder: Path) -> set[str]:
        paths = (path for name in PACKAGES for path in (folder / name).rglob("*"))
        return {
            str(path.relative_to(folder))
            for path in paths
            if path.is_file() and path.suffix != ".pyc"
        }

    assert files(wheel) == files(ROOT)


def test_commands_run_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    code = """
import sys
import scripts.cli
sys.stderr.write(scripts.cli.__file__)
sys.argv = ["complaint-graph", "--help"]
scripts.cli.main()
"""
    finished = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(finished.stderr).is_relative_to(wheel)
    commands = ("serve", "import", "train", "check", "neo4j")
    assert [name for name in commands if name not in finished.stdout] == []


def test_dependencies_of_tests_are_not_those_of_users() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    names = {entry.split(">")[0].split("=")[0] for group in groups.values() for entry in group}
    needed = {entry.split(">")[0].split("=")[0] for entry in project["project"]["dependencies"]}
    assert names.isdisjoint(needed)
