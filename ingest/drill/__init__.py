"""Training on simulated cases: drills made from the demo bank's texts, taken, scored, compared.

code → cases, masked as any other → what is right by the matter and the bank's rules → answers kept
→ scores, agreement
"""

from ingest.drill.drills import Agreement, AgreementRow, Dispute, Drills, Score, Tally
from ingest.drill.making import Drill, DrillCase, DrillOption
from ingest.drill.wording import matter, why

__all__ = [
    "Agreement",
    "AgreementRow",
    "Dispute",
    "Drill",
    "DrillCase",
    "DrillOption",
    "Drills",
    "Score",
    "Tally",
    "matter",
    "why",
]
