"""Statistics of complaints as pure functions: numbers in, numbers out, nothing of the graph."""
