"""What measures the product: how fast it is, and how good its answers are on labelled data.

Run from a clone, ``python -m benchmarks --help``; no part of the wheel, and nothing of the product
imports it.
"""
