"""Labels say what a cluster is about, in words that read well."""

from similarity.clustering import labels
from tests.similarity.clustering.clouds import CHINESE, ENGLISH


def test_english_labels_are_phrases_of_their_own_class() -> None:
    found = labels.terms([[text] * 6 for text in ENGLISH])
    assert any("annual fee" in term for term in found[0])
    assert any("collector" in term for term in found[1])
    assert any("escrow payment" in term for term in found[2])
    assert ", " in labels.label(found[0])


def test_chinese_labels_are_words_without_spaces() -> None:
    found = labels.terms([[text] * 6 for text in CHINESE])
    assert "年费" in "".join(found[0])
    assert "提前还款" in "".join(found[1])
    assert all(" " not in term for terms in found for term in terms)
    assert "、" in labels.label(found[0])


def test_a_word_of_every_class_and_of_one_text_names_none() -> None:
    classes = [
        [f"money {matter} number{n}" for n in range(8)] for matter in ("mortgage", "fraud", "fees")
    ]
    found = labels.terms([[*texts, "zebra"] for texts in classes])
    assert [terms[0] for terms in found] == ["money mortgage", "money fraud", "money fees"]
    assert not any("zebra" in term for terms in found for term in terms)


def test_without_words_there_are_no_terms() -> None:
    assert labels.terms([["", "123"], []]) == [(), ()]
    assert labels.label(()) == ""
