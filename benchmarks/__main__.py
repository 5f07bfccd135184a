"""`python -m benchmarks`."""

from benchmarks.cli import app
from scripts.console import run

run(app)
