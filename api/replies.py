"""Answers that are not a GraphQL execution's: refusals in the shape of a GraphQL error."""

from starlette.responses import JSONResponse


def refusal(status: int, code: str, message: str) -> JSONResponse:
    """One GraphQL error with its ``extensions.code``, never anything that was sent."""
    error = {"message": message, "extensions": {"code": code}}
    return JSONResponse({"errors": [error], "data": None}, status_code=status)
