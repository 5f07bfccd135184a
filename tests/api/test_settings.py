"""Settings are checked where they are read, and a wrong one is named with what to do."""

import stat
from pathlib import Path

import pytest

from api.installation_key import keyring
from api.settings import Settings
from graph.errors import ConfigurationError


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("COMPLAINT_GRAPH_SERVER__HOST", "0.0.0.0", "ACCESS__ISSUER"),
        ("COMPLAINT_GRAPH_SERVER__ALLOWED_ORIGINS", '["https://"]', "is no origin"),
        ("COMPLAINT_GRAPH_SERVER__ALLOWED_ORIGINS", '["https://A.example"]', "small letters"),
        ("COMPLAINT_GRAPH_SERVER__ALLOWED_ORIGINS", '["https://a.example:443"]', "usual port"),
        ("COMPLAINT_GRAPH_SERVER__ALLOWED_ORIGINS", '["https://a.example/desk"]', "without a path"),
        ("COMPLAINT_GRAPH_ACCESS__ISSUER", "http://login.bank.example", "https://"),
        ("COMPLAINT_GRAPH_ACCESS__AUDIENCE", "desk", "ISSUER"),
        ("COMPLAINT_GRAPH_ACCESS__ALGORITHMS", '["HS256"]', "public keys only"),
        ("COMPLAINT_GRAPH_SERVER__PORT", "99999", "COMPLAINT_GRAPH_SERVER__PORT"),
        ("COMPLAINT_GRAPH_BUSINESS__ZONE", "Mars/Olympus", "Asia/Shanghai"),
        ("COMPLAINT_GRAPH_BUSINESS__WORKING_DAYS", "ATLANTIS", "ISO code such as CN"),
        ("COMPLAINT_GRAPH_BUSINESS__CLOSES_AT", "08:00", "after it begins (OPENS_AT)"),
        ("COMPLAINT_GRAPH_NEO4J__URL", "bolt://x", "NEO4J__URL'; did you mean 'uri'?"),
        ("COMPLAINT_GRAPH_ENVIRONMENT", "prod", "COMPLAINT_GRAPH_ENVIRONMENT"),
        ("COMPLAINT_GRAPH_NEO4JJ__URI", "bolt://x", "NEO4JJ__URI; did you mean 'NEO4J'?"),
        ("complaint_graph_serve__port", "1", "did you mean 'SERVER'?"),
        ("COMPLAINT_GRAPH_SERVER_PORT", "1", "did you mean COMPLAINT_GRAPH_SERVER__PORT?"),
        ("COMPLAINT_GRAPH_X", "1", "one of ACCESS, ANSWERS, BUSINESS"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as refused:
        Settings.load()
    assert told in refused.value.message


@pytest.mark.parametrize(
    "variable", ["SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT", "PORT_8000_TCP", "PORT_8000_TCP_ADDR"]
)
def test_what_kubernetes_sets_beside_a_service_is_no_setting(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(f"COMPLAINT_GRAPH_{variable}", "tcp://10.0.0.1:8000")
    assert Settings.load().server.port == Settings.model_fields["server"].default.port


def test_secrets_are_read_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "COMPLAINT_GRAPH_NEO4J__PASSWORD").write_text("from a file\n")
    (tmp_path / "complaint_graph_privacy__key").write_text("ab" * 32)
    (tmp_path / "of-another-program").write_text("anything")
    monkeypatch.setenv("COMPLAINT_GRAPH_SECRETS", str(tmp_path))
    monkeypatch.setenv("COMPLAINT_GRAPH_NEO4J__USER", "complaints")
    settings = Settings.load(home=tmp_path)
    assert settings.neo4j.user == "complaints"
    assert settings.neo4j.password.get_secret_value() == "from a file"
    assert keyring(settings).key == bytes.fromhex("ab" * 32)
    assert "from a file" not in repr(settings)


def test_secrets_are_read_through_the_links_of_a_kubernetes_volume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamped = tmp_path / "..2026_11_30"
    stamped.mkdir()
    (stamped / "COMPLAINT_GRAPH_NEO4J__PASSWORD").write_text("mounted")
    (tmp_path / "..data").symlink_to(stamped.name)
    name = "COMPLAINT_GRAPH_NEO4J__PASSWORD"
    (tmp_path / name).symlink_to(Path("..data") / name)
    monkeypatch.setenv("COMPLAINT_GRAPH_SECRETS", str(tmp_path))
    assert Settings.load().neo4j.password.get_secret_value() == "mounted"


def test_a_variable_goes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "COMPLAINT_GRAPH_NEO4J__PASSWORD").write_text("file")
    monkeypatch.setenv("COMPLAINT_GRAPH_SECRETS", str(tmp_path))
    monkeypatch.setenv("COMPLAINT_GRAPH_NEO4J__PASSWORD", "variable")
    assert Settings.load().neo4j.password.get_secret_value() == "variable"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("COMPLAINT_GRAPH_NEO4JJ__PASSWORD", b"hidden", "did you mean 'NEO4J'?"),
        ("COMPLAINT_GRAPH_NEO4J__PASWORD", b"hidden", "did you mean 'password'?"),
        ("COMPLAINT_GRAPH_NEO4J__PASSWORD", b"hidden\xff", "no text"),
    ],
)
def test_a_wrong_file_is_told_without_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("COMPLAINT_GRAPH_SECRETS", str(tmp_path))
    with pytest.raises(ConfigurationError) as refused:
        Settings.load()
    assert told in refused.value.message
    assert "hidden" not in refused.value.message


def test_a_folder_of_secrets_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLAINT_GRAPH_SECRETS", str(tmp_path / "missing"))
    with pytest.raises(ConfigurationError) as refused:
        Settings.load()
    assert "COMPLAINT_GRAPH_SECRETS" in refused.value.message


def test_the_key_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    settings = Settings.load(home=tmp_path)
    first = keyring(settings)
    assert keyring(settings) == first
    mode = stat.S_IMODE((tmp_path / "installation.key").stat().st_mode)
    assert mode == 0o600
    assert first.key.hex() not in repr(first)


def test_a_supplied_key_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLAINT_GRAPH_PRIVACY__KEY", "ab" * 32)
    assert keyring(Settings.load(home=tmp_path)).key == bytes.fromhex("ab" * 32)
    assert not (tmp_path / "installation.key").exists()


@pytest.mark.parametrize("key", ["short", "ab" * 5, "zz" * 32])
def test_what_is_no_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("COMPLAINT_GRAPH_PRIVACY__KEY", key)
    with pytest.raises(ConfigurationError) as refused:
        keyring(Settings.load(home=tmp_path))
    assert key not in refused.value.message


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ConfigurationError) as refused:
        keyring(Settings.load(home=file / "home"))
    assert "COMPLAINT_GRAPH_HOME" in refused.value.message
