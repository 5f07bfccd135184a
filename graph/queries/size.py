"""How large the bank is, roughly."""

from graph.database import Database

# Read from the store of counts: it takes as long whatever there is.
_COMPLAINTS = "CYPHER 25 MATCH (c:Complaint) RETURN count(c) AS total"


class BankSize:
    """About how many complaints there are: the next power of two, which tells nobody a figure."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.complaints = 0

    async def refresh(self) -> None:
        total = (await self._database.read(_COMPLAINTS))[0]["total"]
        self.complaints = 1 << (total - 1).bit_length() if total else 0
