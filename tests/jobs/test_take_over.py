"""Who is taken for dead, by a process that looks on."""

from datetime import UTC, datetime, timedelta

from service.jobs.workers import DEAD_AFTER_S, Watch

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_worker_whose_sign_stays_the_same_is_dead():
    clock = Clock()
    watch = Watch(clock)
    seen = []
    for _ in range(5):
        seen.append(watch.dead({"stays": NOON, "beats": NOON + timedelta(seconds=clock.now_s)}))
        clock.now_s += 0.3 * DEAD_AFTER_S

    assert seen == [{}, {}, {}, {}, {"stays": NOON}]


def test_a_clock_that_jumps_kills_nobody():
    clock = Clock()
    watch = Watch(clock)
    for jump in (timedelta(0), timedelta(days=30), timedelta(days=-365)):
        for _ in range(3):
            sign = NOON + jump + timedelta(seconds=clock.now_s)
            assert watch.dead({"beats": sign}) == {}
            clock.now_s += 0.3 * DEAD_AFTER_S


def test_after_an_outage_everyone_has_time_to_show_a_sign():
    clock = Clock()
    watch = Watch(clock)
    watch.dead({"other": NOON})
    clock.now_s += 100 * DEAD_AFTER_S
    watch.forget()

    assert watch.dead({"other": NOON}) == {}
    clock.now_s += 1.1 * DEAD_AFTER_S
    assert watch.dead({"other": NOON}) == {"other": NOON}
