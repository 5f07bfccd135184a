"""Which cells of a published line of counts are hidden, so that none of a few people is told.

Cell suppression (Hundepool et al., Statistical Disclosure Control, 2012, ch. 4): a cell of fewer
than ``THRESHOLD`` people is hidden (primary), and further ones with it (complementary) until the
line's total, which is published too, leaves each primary one anything from none to the threshold
less one. Which ones are hidden with it follows from an order without meaning, not from the counts:
had the smallest been taken, its being taken would tell how large it is (the minimality attack of
Wong et al., VLDB 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: Fewer distinct people than this are a few.
THRESHOLD = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """Complaints, and how many people filed them; one of whom nobody knows who it was is one."""

    count: int = 0
    people: int = 0


def shown(line: Sequence[Cell], order: Sequence[int]) -> list[bool]:
    """For each cell of a line whether it is published; the line's total is.

    ``order``: indexes of the line, in an order that does not depend on its cells.
    """
    published = [cell.people >= THRESHOLD for cell in line]
    if all(published):
        return published
    hidden = sum(cell.count for cell, open_ in zip(line, published, strict=True) if not open_)
    complementary = 0
    for index in order:
        # Whoever knows the method knows that a complementary cell holds the threshold at least.
        if complementary and hidden - THRESHOLD * complementary >= THRESHOLD - 1:
            break
        if published[index]:
            published[index] = False
            hidden += line[index].count
            complementary += 1
    return published
