"""The gate of known weaknesses: what closes it, what opens it, and for how long."""

from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from tools import audit
from tools.audit import Finding, UnreachableError, findings_of, ignored, verdict

TODAY = date(2026, 11, 30)
FOUND = Finding("example", "1.0", ("PYSEC-2026-1", "CVE-2026-1"), ("1.1",))
ENTRY = """
[[ignored]]
id = "{id}"
package = "{package}"
reason = "{reason}"
until = {until}
"""


def entry(
    id: str = "CVE-2026-1",  # noqa: A002 (the file's own word)
    package: str = "example",
    reason: str = "nothing calls it",
    until: str = "2026-12-31",
) -> list[audit.Ignored]:
    return ignored(ENTRY.format(id=id, package=package, reason=reason, until=until))


def report(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(entries), "fixes": []}


WEAK = {
    "name": "example",
    "version": "1.0",
    "vulns": [
        {
            "id": "PYSEC-2026-1",
            "aliases": ["CVE-2026-1"],
            "fix_versions": ["1.1"],
            "description": "",
        }
    ],
}
SOUND = {"name": "other", "version": "2.0", "vulns": []}
SKIPPED = {"name": "third", "skip_reason": "Dependency not found"}


def test_a_finding_closes_the_gate() -> None:
    assert findings_of(report(WEAK, SOUND)) == [FOUND]
    assert verdict([FOUND], [], TODAY) == ["example 1.0: PYSEC-2026-1, fixed in 1.1"]
    assert verdict([], [], TODAY) == []


@pytest.mark.parametrize("name", FOUND.names)
def test_a_reason_opens_it_by_any_name_of_the_advisory(name: str) -> None:
    assert verdict([FOUND], entry(id=name), TODAY) == []


def test_a_reason_is_for_one_package() -> None:
    lines = verdict([FOUND], entry(package="other"), TODAY)
    assert lines[0].startswith("example 1.0")


def test_a_reason_ends() -> None:
    assert verdict([FOUND], entry(until="2026-11-30"), TODAY) == []
    (line,) = verdict([FOUND], entry(until="2026-11-29"), TODAY)
    assert "until 2026-11-29" in line


def test_a_reason_for_nothing_is_to_be_removed() -> None:
    (line,) = verdict([], entry(), TODAY)
    assert "remove it" in line


def test_there_is_no_reason_without_words() -> None:
    with pytest.raises(ValueError, match="without a reason"):
        entry(reason=" ")


def test_what_nobody_could_look_at_is_not_passed() -> None:
    with pytest.raises(UnreachableError, match="nothing was audited"):
        findings_of(report(SKIPPED))
    with pytest.raises(UnreachableError, match="third"):
        findings_of(report(SOUND, SKIPPED))


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--required",), 2)])
def test_where_nobody_tells_it_says_so_and_fails_only_if_asked(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int
) -> None:
    monkeypatch.setattr(audit, "report", lambda: report(SKIPPED))
    finished = _run(*options)
    assert finished.exit_code == code
    assert finished.stderr.count("\n") == 1
    assert "cannot be reached" in finished.stderr


def test_the_gate_fails_with_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "report", lambda: report(WEAK))
    finished = _run()
    assert finished.exit_code == 1
    assert "example 1.0" in finished.stderr


def _run(*options: str) -> Any:
    import typer

    app = typer.Typer()
    app.command()(audit.main)
    return CliRunner().invoke(app, [*options])


def test_the_shipped_file_is_read() -> None:
    assert all(each.reason for each in ignored(audit.IGNORED.read_text("utf-8")))
