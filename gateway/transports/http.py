"""GraphQL over HTTP: GET and POST, answered with one response or with a stream."""

from starlette.requests import Request
from starlette.responses import Response

from gateway.codes import Code
from gateway.errors import coded, present
from gateway.execution import RequestRefusedError
from gateway.service import Service, Task
from gateway.telemetry.record import note_transport
from gateway.transports import replies
from gateway.transports.frames import FRAMES
from gateway.transports.negotiation import (
    EVENT_STREAM,
    GRAPHQL_JSON,
    JSON,
    MULTIPART,
    Accept,
)
from gateway.transports.requests import (
    HttpRefusedError,
    check_form,
    not_allowed,
    read,
)
from gateway.transports.streams import Source, StreamResponse, single


class HttpEndpoint:
    """Answers requests."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._settings = service.engine.settings

    async def __call__(self, request: Request) -> Response:
        """Check the request from the outside in, then run its operation."""
        accept = Accept.read(", ".join(request.headers.getlist("accept")))
        try:
            return await self._answer(request, accept)
        except HttpRefusedError as refused:
            media_type = accept.single or JSON
            answer = {"errors": [refused.error]}
            return replies.reply(media_type, refused.status, answer, refused.headers)
        except RequestRefusedError as refusal:
            if accept.single is None and accept.stream is not None:
                return self._streamed(accept.stream, single({"errors": refusal.errors}))
            return replies.refused(accept.single, refusal)
        except Exception as error:  # noqa: BLE001  (whatever it is, the client hears)
            return replies.failed(accept.single, present(error))

    async def _answer(self, request: Request, accept: Accept) -> Response:
        check_form(request, self._settings)
        if accept.single is None and accept.stream is None:
            kinds = f"{GRAPHQL_JSON}, {JSON}, {EVENT_STREAM}, {MULTIPART}"
            raise HttpRefusedError(406, Code.NOT_ACCEPTABLE, f"accept one of {kinds}")
        caller = await self._service.authenticate(
            request.headers.get("authorization"),
            request.client.host if request.client else "",
        )
        if caller is None:
            text = "send a valid bearer token"
            raise HttpRefusedError(
                401, Code.UNAUTHENTICATED, text, WWW_Authenticate="Bearer"
            )
        operation = await read(request, self._settings)
        task = await self._service.admit(operation, caller)
        if request.method == "GET" and task.is_mutation:
            await self._service.turn_down(task, Code.METHOD_NOT_ALLOWED)
            raise not_allowed("mutations are sent by POST", "POST")
        if task.is_subscription:
            return await self._subscribed(task, accept)
        answer = await self._service.run(task)
        if accept.single is None and accept.stream is not None:
            return self._streamed(accept.stream, single(answer))
        response = replies.answered(
            accept.single or JSON, answer, task.context.languages.spoken
        )
        return replies.compress(request, response)

    async def _subscribed(self, task: Task, accept: Accept) -> Response:
        if accept.stream is None:
            text = (
                f"accept {EVENT_STREAM} or {MULTIPART}, or subscribe over a WebSocket "
                "(graphql-transport-ws)"
            )
            await self._service.turn_down(task, Code.OPERATION_NOT_SUPPORTED)
            raise RequestRefusedError([coded(text, Code.OPERATION_NOT_SUPPORTED)])
        note_transport(accept.stream.rpartition("/")[2])
        return self._streamed(accept.stream, await self._service.begin(task))

    def _streamed(self, media_type: str, source: Source) -> Response:
        heartbeat_s = self._settings.stream_heartbeat_ms / 1_000
        return StreamResponse(FRAMES[media_type], source, heartbeat_s)
