"""The service's own classifier against a baseline, on labelled files."""
