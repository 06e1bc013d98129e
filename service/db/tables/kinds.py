"""What the tables' columns are made of."""

from sqlalchemy import JSON, CheckConstraint

# JSON of Python's None is SQL NULL.
Json = JSON(none_as_null=True)


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def both_or_none(one: str, other: str) -> CheckConstraint:
    """Neither column is NULL without the other."""
    return CheckConstraint(f"({one} IS NULL) = ({other} IS NULL)", name=f"{one}_with_{other}")
