"""Finding alike cases: encoding (models, no graph), search, fusion, explanation, precedents,
linking.

Uses graph only. ``encoding`` alone loads a model, and it knows no graph.
"""
