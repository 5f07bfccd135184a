"""Plain dataclasses, enums and pure rules of complaint handling; the standard library only."""
