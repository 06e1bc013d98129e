from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from service.db.tables import ModelVersion
from service.errors import Conflict, NotFound
from service.registry.versions import (
    NewModelVersion,
    active_model,
    get_model,
    list_models,
    promote_model,
    register_model,
)


def new(version: str, sha256: str = "a" * 64) -> NewModelVersion:
    return NewModelVersion(
        version=version,
        sha256=sha256,
        input_size_px=64,
        threshold=0.4,
        metrics={"auc": 0.99},
        provenance={"epochs": 10},
    )


def test_a_model_version_is_read_as_it_was_registered(sessions):
    assert active_model(sessions) is None

    registered = register_model(sessions, new("m-1"))

    assert get_model(sessions, "m-1") == registered
    assert (registered.metrics, registered.provenance) == ({"auc": 0.99}, {"epochs": 10})
    assert not registered.is_active
    with pytest.raises(NotFound, match="'m-2'"):
        get_model(sessions, "m-2")


def test_registering_again_changes_nothing_and_another_file_of_that_name_is_refused(sessions):
    first = register_model(sessions, new("m-1"), activate=True)

    assert register_model(sessions, new("m-1"), activate=True) == first
    with pytest.raises(Conflict, match="another file"):
        register_model(sessions, new("m-1", sha256="b" * 64))


def test_promoting_retires_the_previous_version(sessions):
    register_model(sessions, new("m-1"), activate=True)
    register_model(sessions, new("m-2"), activate=True)
    before = active_model(sessions)

    promoted = promote_model(sessions, "m-2")

    assert before is not None
    assert before.version == "m-1"
    assert promoted.promoted_at is not None
    assert active_model(sessions) == promoted
    assert [(one.version, one.is_active) for one in list_models(sessions)] == [
        ("m-2", True),
        ("m-1", False),
    ]
    assert promote_model(sessions, "m-2") == promoted


def test_of_versions_that_are_registered_and_promoted_at_once_one_is_active(sessions):
    names = [f"m-{number}" for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda name: register_model(sessions, new(name), activate=True), names))
        list(threads.map(lambda name: promote_model(sessions, name), names))

    assert sorted(one.version for one in list_models(sessions)) == names
    assert sum(one.is_active for one in list_models(sessions)) == 1


def test_the_database_itself_refuses_a_second_active_version(sessions):
    register_model(sessions, new("m-1"), activate=True)
    register_model(sessions, new("m-2"))

    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.execute(update(ModelVersion).values(is_active=True))
