"""What masking finds and what it leaves alone, counted on seeded texts."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.seeded import HARD_KINDS, Secret, SeededText, seeded_texts
from graph.domain.enums import Language
from graph.domain.placeholders import MaskKind
from ingest.masking.masker import Masked, Masker
from ingest.masking.reading import Span

DEFAULT_SEED = 20260101
DEFAULT_SIZE = 500


@dataclass(frozen=True, slots=True)
class Recall:
    """How many of the planted pieces are gone from the masked texts."""

    planted: int
    masked: int

    @property
    def recall(self) -> float:
        """0..1; 1 where nothing was planted."""
        return self.masked / self.planted if self.planted else 1.0


@dataclass(frozen=True, slots=True)
class MaskingReport:
    """``recall`` by language and kind; ``ordinary_kept`` and ``name_precision`` 0..1.

    ``survivors``, ``damaged`` and ``mistaken`` show what went wrong: made-up people, so they may
    be printed.
    """

    texts: int
    recall: Mapping[tuple[Language, MaskKind], Recall]
    ordinary_kept: float
    name_precision: float
    survivors: tuple[tuple[Secret, str], ...]
    damaged: tuple[tuple[str, str], ...]
    mistaken: tuple[str, ...]

    def recall_of(self, kind: MaskKind) -> Recall:
        """Over both languages."""
        results = [one for (_, of), one in self.recall.items() if of is kind]
        return Recall(sum(one.planted for one in results), sum(one.masked for one in results))

    def as_json(self) -> dict[str, object]:
        """Figures only, for ``--json``."""
        recall: dict[str, dict[str, dict[str, float]]] = {}
        for (language, kind), result in self.recall.items():
            recall.setdefault(language, {})[kind] = {
                "planted": result.planted,
                "masked": result.masked,
                "recall": round(result.recall, 4),
            }
        return {
            "texts": self.texts,
            "recall": recall,
            "ordinaryKept": round(self.ordinary_kept, 4),
            "namePrecision": round(self.name_precision, 4),
        }


def evaluate_masking(seed: int = DEFAULT_SEED, size: int = DEFAULT_SIZE) -> MaskingReport:
    """Mask ``size`` seeded texts and count, by kind, what is gone and what stayed."""
    masker = Masker()
    planted: Counter[tuple[Language, MaskKind]] = Counter()
    missed: Counter[tuple[Language, MaskKind]] = Counter()
    survivors: list[tuple[Secret, str]] = []
    damaged: list[tuple[str, str]] = []
    mistaken: list[str] = []
    names = ordinary = 0
    for text in seeded_texts(seed, size):
        spans = masker.find(text.text, text.names)
        masked = masker.mask(text.text, text.names)
        planted.update((text.language, secret.kind) for secret in text.secrets)
        for secret in _survivors(text, spans, masked):
            missed[text.language, secret.kind] += 1
            survivors.append((secret, masked.text))
        damaged += [(number, masked.text) for number in _damaged(text, masked)]
        mistaken += _mistaken(text, spans)
        names += sum(span.kind is MaskKind.NAME for span in spans)
        ordinary += len(text.ordinary)
    return MaskingReport(
        texts=size,
        recall={key: Recall(planted[key], planted[key] - missed[key]) for key in sorted(planted)},
        ordinary_kept=1 - len(damaged) / max(1, ordinary),
        name_precision=1 - len(mistaken) / max(1, names),
        survivors=tuple(survivors),
        damaged=tuple(damaged),
        mistaken=tuple(mistaken),
    )


def _survivors(text: SeededText, spans: Sequence[Span], masked: Masked) -> Iterator[Secret]:
    """What is not covered to its last character, or is still found somewhere."""
    for secret in text.secrets:
        covered = any(span.start <= secret.start and secret.end <= span.end for span in spans)
        again = secret.kind in HARD_KINDS and any(form in masked.text for form in secret.traces)
        if not covered or again:
            yield secret


def _damaged(text: SeededText, masked: Masked) -> Iterator[str]:
    for number in set(text.ordinary):
        lost = text.text.count(number) - masked.text.count(number)
        yield from [number] * max(0, lost)


def _mistaken(text: SeededText, spans: Sequence[Span]) -> Iterator[str]:
    """What was taken for a name where none is planted."""
    for span in spans:
        planted = any(span.start < one.end and one.start < span.end for one in text.secrets)
        if span.kind is MaskKind.NAME and not planted:
            yield text.text[span.start : span.end]
