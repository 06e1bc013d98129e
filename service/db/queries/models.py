"""Queries about model versions, trainings and data sets."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db.tables import Dataset, ModelVersion, Training


def find_model_version(session: Session, version: str) -> ModelVersion | None:
    """Find the model version of this name."""
    query = select(ModelVersion).where(ModelVersion.version == version)
    return session.scalars(query).one_or_none()


def find_active_model_version(session: Session) -> ModelVersion | None:
    """Find the active model version, which screens new tiles, if there is one."""
    query = select(ModelVersion).where(ModelVersion.is_active.is_(True))
    return session.scalars(query).one_or_none()


def all_model_versions(session: Session) -> list[ModelVersion]:
    """List every model version, newest first."""
    return list(session.scalars(select(ModelVersion).order_by(ModelVersion.id.desc())))


def lock_model_versions(session: Session) -> None:
    """Lock the model versions until the transaction ends: nobody else changes the active one."""
    session.execute(select(ModelVersion.id).order_by(ModelVersion.id).with_for_update())


WAITING = ("queued", "running")


def lock_training(session: Session, training_id: int) -> Training | None:
    """Lock a training against other writers until the transaction ends."""
    return session.get(Training, training_id, with_for_update=True)


def newest_trainings(session: Session, limit: int) -> list[Training]:
    """List the latest trainings, newest first."""
    return list(session.scalars(select(Training).order_by(Training.id.desc()).limit(limit)))


def waiting_trainings(session: Session) -> list[Training]:
    """Trainings that run or wait."""
    return list(session.scalars(select(Training).where(Training.state.in_(WAITING))))


def all_datasets(session: Session) -> list[Dataset]:
    """List every data set, newest first."""
    return list(session.scalars(select(Dataset).order_by(Dataset.id.desc())))


def find_datasets(session: Session, ids: Sequence[int]) -> list[Dataset]:
    """Find those of some data sets that are there, by id."""
    return list(session.scalars(select(Dataset).where(Dataset.id.in_(ids)).order_by(Dataset.id)))


def kept_datasets(session: Session) -> list[int]:
    """Ids of the data sets that are the reviews of deleted scans."""
    query = select(Dataset.id).where(Dataset.kept_scan.is_not(None)).order_by(Dataset.id)
    return list(session.scalars(query))


def find_dataset_of(session: Session, sha256: str) -> Dataset | None:
    """Find the data set that an archive has become."""
    return session.scalar(select(Dataset).where(Dataset.sha256 == sha256))
