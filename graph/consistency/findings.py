"""What a check found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

#: Findings of one kind that are listed; all are counted.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind``: what disagrees; ``subject``: an id; ``detail``: names of fields, never values."""

    kind: str
    subject: str
    detail: str
    repairable: bool = True


@dataclass(slots=True)
class Report:
    """All findings counted by kind, the first of each listed, and what was repaired."""

    checked: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    examples: list[Finding] = field(default_factory=list)
    repaired: int = 0

    @property
    def clean(self) -> bool:
        return not self.counts

    def add(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            seen = self.counts.get(finding.kind, 0)
            self.counts[finding.kind] = seen + 1
            if seen < LISTED:
                self.examples.append(finding)

    def as_dict(self) -> Mapping[str, object]:
        return {
            "clean": self.clean,
            "checked": self.checked,
            "findings": self.counts,
            "examples": [
                {"kind": f.kind, "subject": f.subject, "detail": f.detail} for f in self.examples
            ],
            "repaired": self.repaired,
        }
