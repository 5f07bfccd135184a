"""Jars come from where a bank's own configuration says: Maven's settings, or jgo's."""

from pathlib import Path

import pytest

from graph.embedded import RepositoryError
from graph.embedded.install import install_lock
from graph.embedded.jars import JarLock
from graph.embedded.maven import Repository, repositories_of
from graph.embedded.repositories import repositories
from graph.errors import ConfigurationError
from graph.progress import silent
from tests.graph.embedded.repository import fill, served

CENTRAL = "https://repo.example/maven2"
SECRET = "s3cret@/:%{}"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without any configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("JGO_CONFIG_FILE", "HTTP_PROXY", "http_proxy", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (tmp_path / ".m2").mkdir()
    (tmp_path / ".config").mkdir()
    return tmp_path


def settings(home: Path, inside: str) -> Path:
    path = home / ".m2" / "settings.xml"
    path.write_text(
        f'<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0">{inside}</settings>', "utf-8"
    )
    return path


def mirror(of: str, url: str = "http://mirror.example/maven", more: str = "") -> str:
    inside = f"<id>bank</id><mirrorOf>{of}</mirrorOf><url>{url}</url>{more}"
    return f"<mirrors><mirror>{inside}</mirror></mirrors>"


def server(password: str, name: str = "bank", user: str = "robot") -> str:
    inside = f"<id>{name}</id><username>{user}</username><password>{password}</password>"
    return f"<servers><server>{inside}</server></servers>"


def profile(name: str, repository: str, url: str, active: str) -> str:
    inside = f"<repository><id>{repository}</id><url>{url}</url></repository>"
    return (
        f"<profiles><profile><id>{name}</id><repositories>{inside}</repositories>"
        f"</profile></profiles><activeProfiles><activeProfile>{active}</activeProfile>"
        "</activeProfiles>"
    )


#: The ways in which the address of a repository and its user can be written.
WAYS = {
    "mirror of all": lambda url: mirror("*", url) + server(SECRET),
    "mirror of Central": lambda url: mirror("central", url + "/") + server(SECRET),
    "address from the environment": (
        lambda url: mirror("external:*", "${env.BANK_MAVEN}") + server("${env.BANK_PASSWORD}")
    ),
    "Central in an active profile": (
        lambda url: profile("p", "central", url, "p") + server(SECRET, "central")
    ),
    "another repository in an active profile, mirrored": (
        lambda url: profile("p", "bank", url, "p") + server(SECRET) + mirror("central", url)
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_jars_come_from_where_maven_settings_say(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    lock = fill(tmp_path / "repository")
    with served(tmp_path / "repository", f"robot:{SECRET}") as address:
        monkeypatch.setenv("BANK_MAVEN", address)
        monkeypatch.setenv("BANK_PASSWORD", SECRET)
        settings(home, WAYS[way](address))
        folder = install_lock(lock, tmp_path / "cache", (), silent)
    assert len(list(folder.glob("*.jar"))) == len(lock.jars)


@pytest.mark.parametrize("place", ["option", "jgo.conf"])
def test_credentials_may_stand_in_an_address(home: Path, tmp_path: Path, place: str) -> None:
    lock: JarLock = fill(tmp_path / "repository")
    with served(tmp_path / "repository", f"robot:{SECRET}") as address:
        secret = "s3cret%40%2F%3A%25%7B%7D"
        address = address.replace("http://", f"http://robot:{secret}@")
        options = (address,) if place == "option" else ()
        if place == "jgo.conf":
            text = f"[repositories]\ncentral = {address.replace('%', '%%')}\n"
            (home / ".config" / "jgo.conf").write_text(text)
        folder = install_lock(lock, tmp_path / "cache", options, silent)
    assert len(list(folder.glob("*.jar"))) == len(lock.jars)
    assert SECRET not in repr(repositories(options))
    assert secret not in repr(repositories(options))


def test_a_wrong_password_is_told_with_its_answer(home: Path, tmp_path: Path) -> None:
    lock = fill(tmp_path / "repository")
    with served(tmp_path / "repository", f"robot:{SECRET}") as address:
        settings(home, mirror("*", address) + server("wr0ng"))
        with pytest.raises(RepositoryError, match=r"127\.0\.0\.1 \(answers 401") as caught:
            install_lock(lock, tmp_path / "cache", (), silent)
    assert "wr0ng" not in caught.value.message
    assert "settings.xml" in caught.value.message


def test_an_address_that_never_answers_is_told_with_the_reason(home: Path, tmp_path: Path) -> None:
    lock = fill(tmp_path / "repository", 1)
    with served(tmp_path / "repository") as address:
        settings(home, mirror("*", address.replace("http:", "https:")))
        with pytest.raises(RepositoryError, match=r"\(no TLS .* REQUESTS_CA_BUNDLE") as caught:
            install_lock(lock, tmp_path / "cache", ("nexus.example/maven",), silent)
    assert "nexus.example/maven (no address of a repository)" in caught.value.message


@pytest.mark.parametrize(
    ("of", "mirrors"),
    [
        ("central", True),
        ("*", True),
        ("other, central", True),
        ("external:*", True),
        ("other", False),
        ("*,!central", False),
        ("external:http:*", False),  # what Maven itself blocks; Central has TLS
    ],
)
def test_mirror_takes_the_place_of_central_by_the_rules_of_maven(
    home: Path, of: str, mirrors: bool
) -> None:
    reached = repositories_of(settings(home, mirror(of)), CENTRAL)
    assert reached == [Repository("http://mirror.example/maven" if mirrors else CENTRAL)]


def test_mirror_of_one_goes_before_a_mirror_of_all_and_a_blocked_one_is_not_asked(
    home: Path,
) -> None:
    both = mirror("*", "http://all.example") + mirror("central", "http://one.example")
    both = both.replace("</mirrors><mirrors>", "")
    assert repositories_of(settings(home, both), CENTRAL) == [Repository("http://one.example")]
    blocked = mirror("*", more="<blocked>true</blocked>")
    assert repositories_of(settings(home, blocked), CENTRAL) == []
    with pytest.raises(ConfigurationError, match="blocks every repository"):
        repositories(())


def test_profile_that_is_not_active_says_nothing(home: Path) -> None:
    path = settings(home, profile("p", "bank", "http://bank.example", "another"))
    assert repositories_of(path, CENTRAL) == [Repository(CENTRAL)]


def test_central_of_jgo_stands_in_place_of_what_maven_says(home: Path) -> None:
    settings(home, mirror("*"))
    (home / ".config" / "jgo.conf").write_text(
        "[repositories]\nteam = https://a.example/\ncentral = https://b.example\n"
    )
    asked = repositories(("https://first.example", "https://a.example"))
    assert [one.url for one in asked] == [
        "https://first.example",
        "https://a.example",
        "https://b.example",
    ]


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<mirrors>", "not well-formed"),
        (mirror("*") + server("{COQLCE6DU6GtcS5P=}"), "encrypted, and only Maven can read it"),
        (mirror("*", "${env.NOT_SET_ANYWHERE}"), "NOT_SET_ANYWHERE, which is not set"),
    ],
)
def test_settings_that_cannot_be_used_are_told(home: Path, inside: str, message: str) -> None:
    settings(home, inside)
    with pytest.raises(ConfigurationError, match=message):
        repositories(())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no section = at all", "jgo's configuration cannot be read"),
        ("[repositories]\ncentral = https://robot:a%40b@c.example", "write %% for % in central"),
    ],
)
def test_configuration_of_jgo_that_cannot_be_used_is_told(
    home: Path, text: str, message: str
) -> None:
    (home / ".config" / "jgo.conf").write_text(text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        repositories(())
    assert "a%40b" not in caught.value.message
