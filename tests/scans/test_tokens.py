"""A token is known by its digest alone, and opens only while it lives."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.admin import tokens
from service.admin.audit import Act, begin_act, end_act, list_audit
from service.db.base import utc_now
from service.db.engine import Sessions
from service.db.tables import ApiToken
from service.errors import Conflict, InvalidToken, InvalidValue, NotFound


def test_a_token_is_recognised_and_its_text_is_nowhere(sessions: Sessions):
    made = tokens.create_token(sessions, "microscope", "operator")

    known = tokens.recognise(sessions, made.token)

    assert (known.name, known.role) == ("microscope", "operator")
    with sessions() as session:
        row = session.scalars(select(ApiToken)).one()
        kept = [str(getattr(row, column.name)) for column in ApiToken.__table__.columns]
    assert not any(made.token[4:] in value for value in kept)
    assert len(made.token) > 40


def test_two_tokens_are_never_alike(sessions: Sessions):
    texts = {tokens.create_token(sessions, f"t{i}", "operator").token for i in range(20)}

    assert len(texts) == 20


def test_another_text_opens_nothing(sessions: Sessions):
    made = tokens.create_token(sessions, "microscope", "operator")

    for text in (made.token[:-1], made.token + "a", made.token.swapcase(), "", "flk_"):
        with pytest.raises(InvalidToken, match="unknown"):
            tokens.recognise(sessions, text)


def test_a_revoked_token_opens_nothing_and_frees_its_name(sessions: Sessions):
    made = tokens.create_token(sessions, "anna", "admin")

    tokens.revoke_token(sessions, "anna")

    with pytest.raises(InvalidToken, match="revoked"):
        tokens.recognise(sessions, made.token)
    with pytest.raises(NotFound):
        tokens.revoke_token(sessions, "anna")
    again = tokens.create_token(sessions, "anna", "operator")
    assert tokens.recognise(sessions, again.token).role == "operator"


def test_a_token_opens_until_it_expires(sessions: Sessions):
    made = tokens.create_token(sessions, "guest", "operator", expires_days=2)
    ends = utc_now() + timedelta(days=2)

    tokens.recognise(sessions, made.token, clock=lambda: ends - timedelta(minutes=1))
    with pytest.raises(InvalidToken, match="expired at"):
        tokens.recognise(sessions, made.token, clock=lambda: ends)


def test_a_name_belongs_to_one_living_token(sessions: Sessions):
    tokens.create_token(sessions, "anna", "admin")

    with pytest.raises(Conflict, match="'anna'"):
        tokens.create_token(sessions, "anna", "operator")


@pytest.mark.parametrize(
    ("name", "role", "days", "reason"),
    [
        ("", "admin", None, "name is empty"),
        ("a" * 101, "admin", None, "101 characters"),
        ("local", "admin", None, "meaning of its own"),
        ("anna", "root", None, "operator, admin"),
        ("anna", "admin", 0, "from 1 to 3650"),
        ("anna", "admin", 10**9, "from 1 to 3650"),
    ],
)
def test_a_wrong_token_is_refused_in_words(sessions: Sessions, name, role, days, reason):
    with pytest.raises(InvalidValue, match=reason):
        tokens.create_token(sessions, name, role, expires_days=days)


def test_the_use_of_a_token_is_noted_to_the_minute(sessions: Sessions):
    made = tokens.create_token(sessions, "microscope", "operator")
    first = utc_now()

    for seconds in (0, 30, 70):
        now = first + timedelta(seconds=seconds)
        tokens.recognise(sessions, made.token, clock=lambda now=now: now)

    assert tokens.list_tokens(sessions)[0].last_used_at == first + timedelta(seconds=70)


def test_the_doors_stay_shut_after_the_last_token_is_revoked(sessions: Sessions):
    assert tokens.is_open(sessions)
    assert not tokens.can_anyone_enter(sessions)

    tokens.create_token(sessions, "anna", "admin")
    assert tokens.can_anyone_enter(sessions)
    tokens.revoke_token(sessions, "anna")

    assert not tokens.is_open(sessions)
    assert not tokens.can_anyone_enter(sessions)


SECRET = "0123456789abcdef0123456789abcdef"


def test_the_bootstrap_token_is_an_administrators_and_may_change(sessions: Sessions):
    other = SECRET[::-1]
    for _ in range(2):
        tokens.keep_bootstrap_token(sessions, SECRET)
    assert tokens.recognise(sessions, SECRET).role == "admin"

    tokens.keep_bootstrap_token(sessions, other)

    assert tokens.recognise(sessions, other).name == "bootstrap"
    with pytest.raises(InvalidToken, match="revoked"):
        tokens.recognise(sessions, SECRET)


def test_a_revoked_bootstrap_token_stays_revoked(sessions: Sessions):
    tokens.keep_bootstrap_token(sessions, SECRET)
    tokens.revoke_token(sessions, "bootstrap")

    tokens.keep_bootstrap_token(sessions, SECRET)

    with pytest.raises(InvalidToken):
        tokens.recognise(sessions, SECRET)


@pytest.mark.parametrize("text", ["", "change me", "a" * 64])
def test_a_bootstrap_token_that_can_be_guessed_is_refused(sessions: Sessions, text: str):
    with pytest.raises(InvalidValue, match="at least 32 random"):
        tokens.keep_bootstrap_token(sessions, text)


def test_an_act_is_written_down_before_it_is_done(sessions: Sessions):
    act = Act("anna", "10.0.0.7", "delete_scan", "/v1/scans/7")
    first = begin_act(sessions, act)
    assert list_audit(sessions).items[0].outcome is None
    end_act(sessions, first, "done")
    begin_act(sessions, act)

    newest = list_audit(sessions, limit=1)
    older = list_audit(sessions, limit=1, cursor=newest.next_cursor)

    assert newest.items[0].outcome is None
    assert (older.items[0].who, older.items[0].outcome) == ("anna", "done")
    assert older.next_cursor is None
