"""Messages between an encoder's process and its users: a head in JSON, then rows of vectors."""

import json
import struct
from asyncio import StreamReader, StreamWriter
from typing import Any

#: Bytes of the head, and of what stands behind it.
_SIZES = struct.Struct("<IQ")

Head = dict[str, Any]


def send(writer: StreamWriter, head: Head, body: bytes = b"") -> None:
    """Write one message; the caller drains."""
    data = json.dumps(head).encode()
    writer.write(_SIZES.pack(len(data), len(body)))
    writer.write(data)
    if body:
        writer.write(body)


async def receive(reader: StreamReader) -> tuple[Head, bytes]:
    """The next message.

    Raises:
        IncompleteReadError, OSError: the other side has gone.
    """
    head, body = _SIZES.unpack(await reader.readexactly(_SIZES.size))
    return json.loads(await reader.readexactly(head)), await reader.readexactly(body)
