"""The password of the engine's one user: made by chance, kept in a file of its owner's."""

import hashlib
import os
import secrets
from pathlib import Path

from graph.embedded.layout import Layout
from graph.embedded.options import USER
from graph.errors import EngineError

#: of Neo4j's own hash of an initial password
_ROUNDS = 1024


def ensure_password(layout: Layout) -> None:
    """Make the password at the first start.

    Neo4j takes it from ``data/dbms/auth.ini`` when it makes its system database, so that it never
    answers to the password that everyone knows.

    Raises:
        EngineError: there is a graph, and the file with its password is gone.
    """
    if layout.password.exists():
        return
    if (layout.data / "databases").exists():
        raise EngineError(
            f"{layout.password} is missing though there is a graph in {layout.data}: bring the "
            "file back from a backup, or move the folder away to begin with an empty graph."
        )
    password = secrets.token_urlsafe(32)
    write_private(layout.data / "dbms" / "auth.ini", _auth_ini(password))
    write_private(layout.password, password + "\n")


def read_password(layout: Layout) -> str:
    """The password as its file has it."""
    return layout.password.read_text("utf-8").strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _auth_ini(password: str) -> str:
    """One user in the form that ``neo4j-admin dbms set-initial-password`` writes."""
    salt = os.urandom(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(_ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"{USER}:SHA-256,{digest.hex()},{salt.hex()},{_ROUNDS}:\n"
