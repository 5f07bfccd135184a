"""What stands in the place of a content's hash where the source is not listened to any more."""

#: Of a case whose texts and person were erased: whatever its source sends again is not taken.
ERASED = "erased"
#: On the tombstone of a case out of whose texts something was taken: its texts are not.
TEXTS_REDACTED = "redacted"
