"""English words in capitals that are no names of people."""

import re

from ingest.masking.vocabulary import words

NO_NAMES = frozenset(words("no_names_en"))
#: First and last word of firms, products and places that are called like people.
WELL_KNOWN = frozenset(words("well_known_en"))
#: What makes a firm or a place of the words before it.
FIRMS_AFTER = re.compile(
    r"[ ,]{1,2}(?:Bank|Banks|Financial|Credit|Union|Mortgage|Capital|Group|LLC|Inc|Corp|Company"
    r"|Co\b|Services|Funding|Finance|Fargo|Schwab|Motors?|Law|Associates|Partners|& "
    r"|and (?:Associates|Company|Sons)|Insurance|Trust|Street|Avenue|Road|County|City|University"
    r"|College|Hospital|School|Savings|Jewelers|Store|Chase|Goldman|Act\b|Management|Collection"
    r"|Recovery|Solutions|Systems|Online|Card|Rewards|Technologies|Attorneys|Esq)"
)
