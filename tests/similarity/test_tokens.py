"""Tokens of shown precedents: read back as made, by nobody else's key, and by no eye."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import OctKey

from graph.errors import ConfigurationError, InvalidInputError
from similarity.tokens import PrecedentTokens, Shown

TOKENS = PrecedentTokens(b"0123456789abcdef")
SHOWN = Shown(
    query=TOKENS.digest("信用卡分期手续费"),
    complaint="7d2f",
    rank=3,
    space="e5-small",
    weights="0a1b2c3d",
    at=datetime(2026, 6, 1, 8, 30, 0, 123456, tzinfo=UTC),
)


def test_a_token_is_read_as_it_was_made() -> None:
    token = TOKENS.seal(SHOWN)
    assert TOKENS.read(token) == SHOWN
    assert len(token) < 400
    assert token.isascii()


@given(
    st.builds(
        Shown,
        query=st.text(max_size=40),
        complaint=st.text(max_size=40),
        rank=st.integers(1, 100),
        space=st.text(max_size=20),
        weights=st.text(max_size=8),
        at=st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    )
)
def test_anything_shown_is_read_back(shown: Shown) -> None:
    assert TOKENS.read(TOKENS.seal(shown)) == shown


def test_a_changed_token_is_refused() -> None:
    token = TOKENS.seal(SHOWN)
    parts = TOKENS.seal(replace(SHOWN, rank=1)).split(".")
    forged = ".".join([*token.split(".")[:-2], *parts[-2:]])
    for wrong in (forged, token[:-1], token + "A", token.swapcase(), ""):
        with pytest.raises(InvalidInputError) as caught:
            TOKENS.read(wrong)
        assert caught.value.path == ("token",)


@given(st.text(max_size=200))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        TOKENS.read(text)


def test_a_very_long_text_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        TOKENS.read("a." * 100_000)


def test_another_installation_s_token_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        PrecedentTokens(b"another-key-of-16").read(TOKENS.seal(SHOWN))


def test_a_query_is_hashed_with_the_key() -> None:
    assert TOKENS.digest("年费") == TOKENS.digest("年费")
    assert TOKENS.digest("年费") != TOKENS.digest("年費")
    assert TOKENS.digest("年费") != PrecedentTokens(b"another-key-of-16").digest("年费")
    assert TOKENS.digest("\ud800")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        PrecedentTokens(b"short")


def test_a_token_tells_nobody_which_case_it_names() -> None:
    case = "7d2f6a3c9e8b41d0"
    token = TOKENS.seal(replace(SHOWN, complaint=case, asked=case))
    parts = [urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
    assert all(case.encode() not in part for part in parts)
    assert TOKENS.seal(SHOWN) != TOKENS.seal(SHOWN)


def test_only_the_one_algorithm_is_taken() -> None:
    own = OctKey.generate_key(256)
    for header in ({"alg": "dir", "enc": "A128CBC-HS256"}, {"alg": "A256KW", "enc": "A256GCM"}):
        token = jwe.encrypt_compact(header, b"[]", own, [*header.values()])
        with pytest.raises(InvalidInputError):
            TOKENS.read(token)
