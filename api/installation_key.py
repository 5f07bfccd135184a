"""The installation's key, under which people's identifiers and the sources' ids are hashed."""

import os
import secrets
from pathlib import Path

from api.settings import PREFIX, Settings
from graph.domain.identity import KEY_BYTES, Keyring
from graph.errors import ConfigurationError


def keyring(settings: Settings) -> Keyring:
    """The installation's key: the one supplied, or the one generated once in the data folder.

    Raises:
        ConfigurationError: the key is no key, or cannot be kept.
    """
    supplied = settings.privacy.key
    if supplied is not None:
        return Keyring(_bytes(supplied.get_secret_value(), f"{PREFIX}PRIVACY__KEY"))
    path = _path(settings)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        _generate(path)
        return Keyring(_bytes(path.read_text(encoding="ascii").strip(), str(path)))
    except OSError as error:
        raise ConfigurationError(
            f"The installation key cannot be kept in {settings.home}: {error.strerror}. Choose a "
            f"folder that can be written by {PREFIX}HOME, or supply {PREFIX}PRIVACY__KEY."
        ) from error


def has_key(settings: Settings) -> bool:
    """Whether a key is supplied or kept: else the next use generates one."""
    return settings.privacy.key is not None or _path(settings).exists()


def _path(settings: Settings) -> Path:
    return settings.home / "installation.key"


def _generate(path: Path) -> None:
    """Write a new key unless there is one; of two processes at once, one wins whole."""
    if path.exists():
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()


def _bytes(text: str, where: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{where} holds no key: it takes {2 * KEY_BYTES} hexadecimal digits."
        ) from error
