"""How people divide the digits of one number.

Always one bounded quantifier over one class, so that a match never goes back far.
"""

#: Between two digits: nothing, or a few blanks, dashes, dots, underlines, or a line break.
GAP = r"[ \-.·_\r\n]{0,3}"
#: Also commas and slashes, for numbers that a check digit or their grouping proves to be one.
WIDE_GAP = r"[ \-.·_\r\n,/]{0,3}"
