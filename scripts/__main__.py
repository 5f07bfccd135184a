"""`python -m scripts` is `complaint-graph`."""

from scripts.cli import main

main()
