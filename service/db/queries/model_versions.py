"""Queries about model versions."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db.tables import ModelVersion


def find_model_version(session: Session, version: str) -> ModelVersion | None:
    """The model version of this name."""
    query = select(ModelVersion).where(ModelVersion.version == version)
    return session.scalars(query).one_or_none()


def find_active_model_version(session: Session) -> ModelVersion | None:
    """The one that screens new tiles, if there is one."""
    query = select(ModelVersion).where(ModelVersion.is_active.is_(True))
    return session.scalars(query).one_or_none()


def all_model_versions(session: Session) -> list[ModelVersion]:
    """Every model version, newest first."""
    return list(session.scalars(select(ModelVersion).order_by(ModelVersion.id.desc())))


def lock_model_versions(session: Session) -> None:
    """Until the transaction ends nobody else changes which one is active."""
    session.execute(select(ModelVersion.id).order_by(ModelVersion.id).with_for_update())
