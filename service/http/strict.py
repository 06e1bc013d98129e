"""Refuse what a call does not know: query fields without a meaning, form fields that come twice.

The framework drops both without a word: a position in the query of a tile, the first of two images.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_origin

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from service.http.problems import REASONS

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


async def refuse_unknown(request: Request) -> None:
    """Raise `RequestValidationError` on unknown query fields and on form fields that come twice."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    single, several, form = _known(route)
    wrong = [
        _wrong("query", name, "in_form" if name in form else "extra_forbidden")
        for name in dict.fromkeys(request.query_params)
        if name not in single | several
    ]
    wrong += _twice("query", (name for name, _ in request.query_params.multi_items()), single)
    if form and request.headers.get("content-type", "").startswith(_FORMS):
        # The framework has parsed the body for this call already, and keeps what it found.
        fields = await request.form()
        once = frozenset(name for name, is_list in form.items() if not is_list)
        wrong += _twice("body", (name for name, _ in fields.multi_items()), once)
    if wrong:
        raise RequestValidationError(wrong)


REFUSE_UNKNOWN = Depends(refuse_unknown)


def _wrong(place: str, name: str, kind: str) -> dict[str, Any]:
    return {"type": kind, "loc": (place, name), "msg": REASONS[kind], "input": None}


def _twice(place: str, names: Iterator[str], single: frozenset[str]) -> list[dict[str, Any]]:
    counts = Counter(names)
    return [
        _wrong(place, name, "given_twice")
        for name, count in counts.items()
        if count > 1 and name in single
    ]


def _known(route: APIRoute) -> tuple[frozenset[str], frozenset[str], dict[str, bool]]:
    """Query fields of a route that may come once, those that may come often, and form fields."""
    parts = list(_dependants(route.dependant))
    query = dict(field for part in parts for one in part.query_params for field in _fields(one))
    form = dict(field for part in parts for one in part.body_params for field in _fields(one))
    single = frozenset(name for name, is_list in query.items() if not is_list)
    return single, frozenset(query) - single, form


def _dependants(whole: Dependant) -> Iterator[Dependant]:
    yield whole
    for part in whole.dependencies:
        yield from _dependants(part)


def _fields(field: Any) -> Iterator[tuple[str, bool]]:
    """Each field by its name outside, and whether it is a list; a model stands for its fields."""
    info: FieldInfo = field.field_info
    kind = info.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, one in kind.model_fields.items():
            yield one.alias or name, _is_list(one.annotation)
    else:
        yield field.alias, _is_list(kind)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) in (list, tuple, set) or kind in (list, tuple, set)
