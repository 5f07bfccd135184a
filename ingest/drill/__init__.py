"""Training on simulated cases: drills made from the demo bank's texts, taken, scored, compared.

code → cases, masked as any other → what is right, by what they are and by the bank's rules
→ answers kept → scores, agreement
"""

from ingest.drill.drills import Drills

__all__ = ["Drills"]
