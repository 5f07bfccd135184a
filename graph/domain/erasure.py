"""A case whose texts and person were erased, for good."""

#: Stands in the place of its content's hash: whatever its source sends again is not taken.
ERASED = "erased"
