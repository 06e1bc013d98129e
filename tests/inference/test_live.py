from service.registry.following import LiveModel
from tests.fakes import FakeClassifier


def test_nothing_serves_before_the_first_and_then_always_the_last():
    live = LiveModel()
    assert live.version is None

    live.serve(FakeClassifier(version="a"))
    held = live.classifier
    live.serve(FakeClassifier(version="b"))

    assert (held.version, live.version) == ("a", "b")
