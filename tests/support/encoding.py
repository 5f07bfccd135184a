"""A process that encodes for others at a socket: ``python -m tests.support.encoding PATH``."""

import asyncio
import sys
from pathlib import Path

from similarity.encoding import AsyncEncoder, EncoderOptions, EncoderServer


async def main(path: Path) -> None:
    server = EncoderServer(lambda model, shown: AsyncEncoder(EncoderOptions(model=model), shown))
    async with server.listening(path):
        sys.stdout.write("listens\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
