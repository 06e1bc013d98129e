"""A queue of trainings that nothing takes from."""

from sqlalchemy.orm import Session


class Waiting:
    """A queue that only keeps what waits."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def add_training(self, session: Session, training_id: int) -> None:
        assert session.in_transaction()
        self.ids.append(training_id)
