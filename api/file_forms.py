"""Forms with a file: who may send one, how large it may be, and where it lies."""

from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Receive

from api.services import Services
from graph.domain.access import Identity
from graph.errors import ForbiddenError, InvalidInputError, TooLargeError
from ingest.jobs import Upload
from schema.policy import Group

#: Characters of a mapping.
_LONGEST_MAPPING = 500_000
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file, and what its columns mean, as it was sent."""

    upload: Upload
    mapping: str | None


def require_feeding(services: Services, identity: Identity) -> None:
    """Raises ForbiddenError: somebody may not import."""
    if Group.FEEDING not in services.policy.permitted(identity):
        raise ForbiddenError("Your roles do not let you import: ask an administrator.")


async def received(request: Request, services: Services, identity: Identity) -> SentFile:
    """The fields ``file`` and ``mapping`` of a form, the file in one without a name.

    Raises:
        ForbiddenError: before anything is read.
        TooLargeError, InvalidInputError: what was sent cannot be taken.
    """
    require_feeding(services, identity)
    form = await _form(request, services.settings.jobs.upload_mb)
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise InvalidInputError("Send the file in the field `file` of a form.", path=["file"])
        mapping = await _mapping(form)
        return SentFile(services.imports.upload(file.file, file.filename), mapping)
    finally:
        await form.close()


async def _mapping(form: FormData) -> str | None:
    """A mapping as a file, as text, or by the name of one; None for none."""
    sent = form.get("mapping")
    if isinstance(sent, UploadFile):
        content = await sent.read(_LONGEST_MAPPING + 1)
        try:
            sent = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidInputError("The mapping is not in UTF-8.", path=["mapping"]) from error
    if sent is not None and len(sent) > _LONGEST_MAPPING:
        raise InvalidInputError("The mapping is too long for one.", path=["mapping"])
    return sent if sent and sent.strip() else None


async def _form(request: Request, megabytes: int) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise InvalidInputError("Send a form of the type multipart/form-data.", path=["body"])
    bound = _Bound(request.receive, megabytes * _MEGABYTE)
    try:
        return await Request(request.scope, bound).form(
            max_files=2, max_fields=8, max_part_size=_LONGEST_MAPPING * 4
        )
    except HTTPException as error:
        if bound.exceeded:
            raise TooLargeError(
                f"The file is larger than {megabytes:,} megabytes: divide it, compress it "
                "(.gz, .zip), or use `complaint-graph import`.",
                path=["file"],
            ) from error
        raise InvalidInputError("The form could not be read.", path=["body"]) from error


class _Bound:
    """A body as it comes, up to so many bytes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most
        self.exceeded = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.exceeded = True
            # What the parser takes for its own: it lets go of its files.
            raise MultiPartException("too large")
        return message
