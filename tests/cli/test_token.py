"""`flakescope token`, and what `serve` lets in."""

from pathlib import Path

import pytest

from service.admin.audit import list_audit
from service.admin.tokens import recognise
from service.cli.client import authorization
from service.db.migrate import migrate
from service.errors import InvalidValue
from service.processes.server import check_admission, opened
from service.processes.setup import Unusable
from service.settings import Settings
from tests.cli.conftest import Run

SECRET = "0123456789abcdef0123456789abcdef"


def test_a_token_is_printed_once_alone_on_its_line(tmp_path: Path, run: Run):
    made = run("token", "create", "anna", "--role", "admin", "--expires", 7, "--data-dir", tmp_path)
    listed = run("token", "list", "--data-dir", tmp_path)

    assert made.exit_code == 0, made.output
    text = made.stdout.strip()
    assert text.startswith("flk_")
    assert "\n" not in text
    assert "shown this once" in made.stderr
    assert "anna" in listed.stdout
    assert text not in listed.stdout
    with opened(Settings(data_dir=tmp_path)) as sessions:
        assert recognise(sessions, text).role == "admin"


def test_a_token_is_revoked_and_both_acts_are_written_down(tmp_path: Path, run: Run):
    run("token", "create", "anna", "--data-dir", tmp_path)

    revoked = run("token", "revoke", "anna", "--data-dir", tmp_path)
    again = run("token", "revoke", "anna", "--data-dir", tmp_path)

    assert revoked.exit_code == 0
    assert again.exit_code == 1
    assert "no living token 'anna'" in again.stderr
    with opened(Settings(data_dir=tmp_path)) as sessions:
        entries = list_audit(sessions).items
    assert [entry.action for entry in entries] == ["revoke_token", "create_token"]
    assert "at the command line" in entries[0].who


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path, host="192.0.2.7")
    migrate(settings.url)
    return settings


def test_an_address_beyond_this_machine_needs_a_token(elsewhere: Settings, run: Run):
    with pytest.raises(Unusable, match="flakescope token create NAME --role admin"):
        check_admission(elsewhere)

    run("token", "create", "anna", "--data-dir", elsewhere.data_dir)
    check_admission(elsewhere)

    run("token", "revoke", "anna", "--data-dir", elsewhere.data_dir)
    with pytest.raises(Unusable, match="no access token that is valid"):
        check_admission(elsewhere)


def test_open_is_for_this_machine_alone(elsewhere: Settings):
    with pytest.raises(Unusable, match="with --open"):
        check_admission(elsewhere.model_copy(update={"open": True}))
    check_admission(elsewhere.model_copy(update={"open": True, "host": "localhost"}))


def test_a_container_gets_its_first_token_from_a_file_or_the_environment(
    elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    check_admission(elsewhere.model_copy(update={"bootstrap_token_file": file}))
    with opened(elsewhere) as sessions:
        assert recognise(sessions, SECRET).name == "bootstrap"

    monkeypatch.setenv("FLAKESCOPE_BOOTSTRAP_TOKEN", SECRET[::-1])
    given = Settings(data_dir=tmp_path, host="192.0.2.7")
    check_admission(given)
    with opened(elsewhere) as sessions:
        assert recognise(sessions, SECRET[::-1]).role == "admin"
    assert SECRET[::-1] not in repr(given)
    assert SECRET[::-1] not in str(given.model_dump())


def test_a_bootstrap_token_that_is_missing_or_short_stops_the_start(
    elsewhere: Settings, tmp_path: Path
):
    with pytest.raises(Unusable, match="cannot be read"):
        check_admission(elsewhere.model_copy(update={"bootstrap_token_file": tmp_path / "none"}))
    (tmp_path / "short").write_text("secret")
    with pytest.raises(InvalidValue, match="at least 32"):
        check_admission(elsewhere.model_copy(update={"bootstrap_token_file": tmp_path / "short"}))


def test_a_command_shows_its_token_in_the_header_alone():
    assert authorization("flk_a ") == {"Authorization": "Bearer flk_a"}
    assert authorization(None) == authorization(" ") == {}
    for wrong in ("a b", "a\nb", "ä"):
        with pytest.raises(Unusable, match="no token has"):
            authorization(wrong)
