"""GET /metrics, for Prometheus, on a port of its own."""

from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.telemetry.metrics import Metrics
from gateway.transports.health import healthz


def metrics_app(metrics: Metrics) -> Starlette:
    """Return an application that tells *metrics* to whoever reaches it."""

    async def told(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
        return Response(encode(metrics.registry), headers=headers)

    return Starlette(routes=[Route("/metrics", told), Route("/healthz", healthz)])
