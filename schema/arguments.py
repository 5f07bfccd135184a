"""Arguments that several fields share."""

from typing import Annotated

import strawberry

from schema.enums import Language
from schema.scalars import TimeOrDate

FirstOfPage = Annotated[
    int | None, strawberry.argument(description="The first so many: 20 if left out, at most 500.")
]
LastOfPage = Annotated[
    int | None, strawberry.argument(description="The last so many, at most 500; not with `first`.")
]
After = Annotated[
    str | None, strawberry.argument(description="Only what follows this cursor of the same list.")
]
Before = Annotated[
    str | None, strawberry.argument(description="Only what precedes this cursor of the same list.")
]
FirstFound = Annotated[int | None, strawberry.argument(description="At most so many, up to 100.")]
MinScore = Annotated[
    float | None,
    strawberry.argument(description="Only those whose texts are at least this alike (`semantic`)."),
]
Text = Annotated[
    str,
    strawberry.argument(
        description="Free text in any language, up to 100,000 characters; personal data in it is "
        "masked before it is used. It is never read as a query language."
    ),
]
Under = Annotated[
    str | None,
    strawberry.argument(description="Only the entries directly under the one with this code."),
]
ByPerson = Annotated[str | None, strawberry.argument(description="By whom, as in events.")]
FromMoment = Annotated[
    TimeOrDate | None, strawberry.argument(name="from", description="From this moment on.")
]
ToMoment = Annotated[
    TimeOrDate | None, strawberry.argument(name="to", description="Before this moment.")
]
Matching = Annotated[
    str | None,
    strawberry.argument(
        description="Only entries whose code begins with this, or whose name in either language "
        "holds it; upper and lower case are one."
    ),
]
LanguageArgument = Annotated[
    Language | None,
    strawberry.argument(
        description="In which language; left out: the one that the request asks for by its "
        "`Accept-Language`, else Chinese."
    ),
]
