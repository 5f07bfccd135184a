"""How much of a machine's memory the embedded engine takes, where no setting says it."""

from dataclasses import dataclass
from pathlib import Path

import psutil

#: What the kernel holds a container to, in both of its hierarchies.
_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


@dataclass(frozen=True, slots=True)
class Share:
    """In megabytes."""

    heap: int
    page_cache: int


#: From so many gigabytes on. The rest is the encoder's, the service's and the kernel's, which
#: caches the indexes of vectors and texts: Lucene reads them past Neo4j's own cache.
SHARES = (
    (62, Share(4096, 16384)),
    (30, Share(2048, 4096)),
    (15, Share(1024, 1024)),
    (7, Share(768, 512)),
    (0, Share(512, 128)),
)


def share(gigabytes: float) -> Share:
    """Of a machine with so much memory."""
    return next(each for least, each in SHARES if gigabytes >= least)


def gigabytes() -> float:
    """Memory of this machine, or what a container may use of it."""
    limits = [psutil.virtual_memory().total, *filter(None, map(_limit, _LIMITS))]
    return float(min(limits) / 2**30)


def _limit(path: Path) -> int | None:
    try:
        text = path.read_text("ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
