from pathlib import Path

from service.settings import Settings, read_settings, settings_table

ROOT = Path(__file__).parents[1]


def test_the_page_of_settings_tells_what_the_settings_are():
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert page.endswith("\n\n" + settings_table())


def test_every_setting_says_what_it_means():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_setting_is_read_from_its_variable(monkeypatch):
    monkeypatch.setenv("FLAKESCOPE_WAITING", "3")

    assert read_settings().waiting == 3
