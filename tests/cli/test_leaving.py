"""A process that is asked to end does."""

import subprocess
import sys

# The signal goes to a thread that is not the main one, as the system may choose.
ASKED_ELSEWHERE = """
import signal, threading
from service.processes.embedded import wait_to_leave

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
ask = lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Timer(0.5, ask).start()
wait_to_leave(stop)
print("left")
"""


def test_a_signal_that_another_thread_got_ends_the_process_too() -> None:
    process = subprocess.run(
        [sys.executable, "-c", ASKED_ELSEWHERE],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.stdout == "left\n", process.stderr
