"""The steps that people take with a case: an input and a mutation for each."""
