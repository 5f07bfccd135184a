"""Chinese surnames, and the characters that given names are mostly made of."""

from ingest.masking.vocabulary import characters, words

#: Seldom other words.
COMMON = characters("surnames_common")
#: More often something else: alone they count only where a person must stand.
AMBIGUOUS = characters("surnames_ambiguous")
#: Of two characters.
COMPOUND = frozenset(words("surnames_compound"))
SURNAMES = COMMON | characters("surnames_rare")
#: About 95 % of the given names in use are made of these.
GIVEN = characters("given_characters") | characters("given_telling")
#: Of those, the characters that stand in few other words.
TELLING = characters("given_telling")
#: Small words after which a name may begin, though the segmenter took them into another word.
BEFORE_NAMES = frozenset("跟请找与向对给由让被的是叫见问据经和到了说及同等为将把帮替因以有")
