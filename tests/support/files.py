"""Files of complaints, as somebody sends them."""

from collections.abc import Iterable

HEADER = "编号,投诉时间,投诉内容,渠道,备注\n"
PHONE = "13671530826"


def rows(numbers: Iterable[int], system: str = "S", *, told: bool = False) -> str:
    """A table with a row for each number; ``told``: with texts, which are linked and watched."""
    return HEADER + "".join(
        f"{system}{n},2026-03-{n % 28 + 1:02d} 10:00,"
        + (f"信用卡年费第{n}次没有告知就扣款，请回电{PHONE}" if told else "")
        + ",电话,x\n"
        for n in numbers
    )


def file(numbers: Iterable[int], name: str = "filed.csv", system: str = "S") -> tuple[str, bytes]:
    """Such a table with its name, as a form has it."""
    return name, rows(numbers, system).encode()
