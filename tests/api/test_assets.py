"""The files that pages load: a closed list, kept by browsers for good, of known licences."""

import gzip
import json
import re
from pathlib import Path

import httpx2
import pytest

from api import assets
from api.app import create_app
from api.settings import Settings
from tests.support.http import client, code_of
from tests.support.nodes import check_lock, need_files
from tools import browser_files

PERMISSIVE = {"MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}


@pytest.fixture
def asked(tmp_path: Path) -> httpx2.AsyncClient:
    """A client of an application without services: files need none."""
    return client(create_app(Settings.load(home=tmp_path)))


async def test_every_file_is_served_with_its_type(asked: httpx2.AsyncClient) -> None:
    need_files()
    types = {"css": "text/css", "js": "text/javascript", "txt": "text/plain"}
    for name in assets.FETCHED | assets.OURS:
        answer = await asked.get(f"/assets/{name}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == f"{types[name.split('.')[-1]]}; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_is_kept_for_good_under_the_address_of_its_content(
    asked: httpx2.AsyncClient,
) -> None:
    address = assets.url("console.css")
    assert re.fullmatch(r"/assets/console\.css\?v=[0-9a-f]{16}", address)
    kept = await asked.get(address)
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for other in ("/assets/console.css", "/assets/console.css?v=0123456789abcdef"):
        assert (await asked.get(other)).headers["Cache-Control"] == "no-cache"
    tag = {"If-None-Match": kept.headers["ETag"]}
    assert (await asked.get("/assets/console.css", headers=tag)).status_code == 304


async def test_a_file_of_parts_is_served_as_one_in_their_order(asked: httpx2.AsyncClient) -> None:
    served = (await asked.get("/assets/console.css")).content
    files = {path.name: path.read_bytes() for path in assets.STATIC.joinpath("console").iterdir()}
    names = [f"{part}.css" for part in assets.PARTS["console.css"]]
    assert sorted(names) == sorted(files)
    assert served == b"".join(files[name] for name in names)


async def test_a_file_is_compressed_for_those_who_take_it(asked: httpx2.AsyncClient) -> None:
    plain = await asked.get("/assets/console.css", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    for refused in ("gzip;q=0", "br"):
        answer = await asked.get("/assets/console.css", headers={"Accept-Encoding": refused})
        assert "Content-Encoding" not in answer.headers
    async with asked.stream(
        "GET", "/assets/console.css", headers={"Accept-Encoding": "br, gzip"}
    ) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        body = b"".join([part async for part in answer.aiter_raw()])
    assert gzip.decompress(body) == plain.content


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "query_page.html",
        "..%2fapp.py",
        "..%2f..%2fpyproject.toml",
        "%2e%2e/app.py",
        "web/package.json",
        "installed.json",
        "graphiql.js%00",
        "",
    ],
)
async def test_nothing_else_is_served(asked: httpx2.AsyncClient, path: str) -> None:
    answer = await asked.get(f"/assets/{path}")
    assert answer.status_code == 404
    assert code_of(answer) == "NOT_FOUND"


async def test_a_missing_file_is_told_with_the_command_that_gets_it(
    asked: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "DIST", tmp_path)
    answer = await asked.get("/assets/graphiql.js")
    assert answer.status_code == 404
    assert "make setup" in answer.json()["errors"][0]["message"]
    page = '<script src="/assets/graphiql.js"></script><a href="/assets/console.css">'
    assert assets.versioned(page) == page.replace(
        "/assets/console.css", assets.url("console.css")
    )  # what is there has its version


def test_libraries_are_those_of_the_list_with_permissive_licences() -> None:
    """The list is reviewed by people; what is installed speaks for itself."""
    need_files()
    installed = json.loads((browser_files.DIST / browser_files.INSTALLED).read_text("utf-8"))
    lines = [f"{each['name']} {each['version']} {each['licence']}" for each in installed]
    assert lines == Path(__file__).with_name("libraries.txt").read_text("utf-8").splitlines()
    assert {each["licence"] for each in installed} <= PERMISSIVE
    texts = (browser_files.DIST / assets.LICENCES).read_text("utf-8")
    named = {re.sub(r"^(\S+) (\S+) (\S+)$", r"\1 \2 (\3)", line) for line in lines}
    assert {name for name in named if name not in texts} == set()


def test_what_is_served_is_installed_and_no_more() -> None:
    need_files()
    served = {path.name for path in browser_files.DIST.iterdir()}
    assert served == {*assets.FETCHED, browser_files.INSTALLED}
    # Of argparse, which is left out of the list, no served file holds a part.
    assert not any(
        "ArgumentParser" in (browser_files.DIST / name).read_text("utf-8")
        for name in assets.LIBRARIES
    )
    assert "@font-face" not in (browser_files.DIST / "graphiql.css").read_text("utf-8")


def test_the_lock_names_hashes_and_no_registry() -> None:
    check_lock(browser_files.WEB)
    package = json.loads((browser_files.WEB / "package.json").read_text("utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", each) for each in package["dependencies"].values())


def test_without_a_registry_setup_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "graphiql.js").write_text("before", "utf-8")
    monkeypatch.setattr(browser_files, "DIST", tmp_path / "dist")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    browser_files.main()
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "registry of npm cannot be reached" in told
    assert (tmp_path / "dist" / "graphiql.js").read_text("utf-8") == "before"


def test_a_lock_that_does_not_fit_ends_setup(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"react": "18.3.1"}}', "utf-8")
    lock = '{"name": "x", "lockfileVersion": 3, "packages": {"": {}}}'
    (tmp_path / "package-lock.json").write_text(lock, "utf-8")
    monkeypatch.setattr(browser_files, "WEB", tmp_path)
    with pytest.raises(SystemExit, match="npm could not install"):
        browser_files.main()
