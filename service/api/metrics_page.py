"""`GET /metrics`: what Prometheus reads."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service.api.parts import PartsDep

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus' text format"}},
)
def show_metrics(parts: PartsDep) -> Response:
    """Counters and gauges, in the text format of Prometheus."""
    content = generate_latest(parts.metrics.registry)
    return Response(content, headers={"Content-Type": CONTENT_TYPE_LATEST})
