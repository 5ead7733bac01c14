"""`POST /api/v1/simulations/{kind}`: one route for each kind of the register, with its own schema and examples."""

import datetime
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any, TypeVar, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, create_model

from actions.settings import CHINA
from actions.simulator.case import CaseModel
from actions.simulator.estimate import CannotEstimate, Estimate, ImpossibleCase
from actions.simulator.faults import Fault, faults_in
from actions.simulator.kinds import KINDS, Kind
from actions.simulator.pictures import draw_png
from actions.simulator.spelling import Language
from channels.api import ErrorBody
from channels.gateway import Gateway
from channels.refusals import Reason, Refused
from channels.simulations import Desk, SimulationBody, Simulations, UnknownPlaces

ShownT = TypeVar("ShownT")
EARLIEST, LATEST = datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)


class FaultBody(BaseModel):
    """What is wrong with one field; an empty `field` is the case as a whole."""

    field: str
    message: str
    accepted: str | None = None


class FaultyCase(BaseModel):
    """A case that cannot be estimated. `code`: `case_invalid`, or `figure_not_published` with `figure` and `place`."""

    code: str
    errors: list[FaultBody]
    figure: str | None = None
    place: str | None = None


class KindBody(BaseModel):
    """A simulation that can be asked for."""

    kind: str
    zh: str
    en: str


class CaseRoute(APIRoute):
    """Answers a body that is no case with its faults by field."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_faults(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                kind = KINDS[self.path.removeprefix(f"{PREFIX}/").partition("/")[0]]
                return _faulty(faults_in(list(error.errors()), kind.case, skip=1))

        return handle_faults


PREFIX = "/api/v1/simulations"
PNG = {"content": {"image/png": {}}, "description": "The picture."}

router = APIRouter(prefix=PREFIX, tags=["simulations"], route_class=CaseRoute)
overview = APIRouter(prefix=PREFIX, tags=["simulations"])


def _desk(request: Request) -> Desk:
    simulations: Simulations = request.app.state.simulations
    return simulations.desk()


def _admit(request: Request) -> None:
    gateway: Gateway = request.app.state.gateway
    gateway.admit_request(request.client.host if request.client else "unknown")


DeskGiven = Annotated[Desk, Depends(_desk)]
ERRORS: dict[int | str, dict[str, object]] = {
    413: {"model": ErrorBody, "description": "The request is too large."},
    422: {"model": FaultyCase, "description": "The case cannot be estimated; every fault names its field."},
    429: {"model": ErrorBody, "description": "Too many requests; wait the seconds in `Retry-After`."},
}


def _faulty(faults: Sequence[Fault], code: str = "case_invalid", **more: str) -> JSONResponse:
    errors = [FaultBody(field=f.field, message=f.message, accepted=f.accepted) for f in faults]
    return JSONResponse(FaultyCase(code=code, errors=errors, **more).model_dump(exclude_none=True), 422)


def _request_model(kind: Kind) -> type[CaseModel]:
    """The case and, beside it, the language and the day."""
    name = "".join(part.title() for part in kind.name.split("-")) + "Simulation"
    model = create_model(
        name,
        __base__=kind.case,
        __doc__=kind.case.__doc__,
        language=(Language, Field("zh", description="Of the words in the answer.")),
        on=(
            datetime.date | None,
            Field(None, ge=EARLIEST, le=LATEST, description="The day whose rules count; left out, today in China."),
        ),
    )
    model.model_config["json_schema_extra"] = {"examples": [dict(example) for example in kind.examples]}
    return model


def _simulate(kind: Kind, case: Any, desk: Desk, show: Callable[[Estimate, Language], ShownT]) -> ShownT | JSONResponse:
    language = cast(Language, case.language)
    on = case.on or datetime.datetime.now(CHINA).date()
    try:
        return show(desk.estimate(kind.name, case, on), language)
    except UnknownPlaces as unknown:
        return _faulty(unknown.faults)
    except ImpossibleCase as refusal:
        return _faulty([Fault(refusal.field, desk.words.impossible(kind.name, refusal, language))])
    except CannotEstimate as refusal:
        said = desk.words.not_published(kind.name, refusal, language)
        return _faulty([Fault("", said)], "figure_not_published", figure=refusal.figure, place=refusal.region)


def _add_route(kind: Kind) -> None:
    model = _request_model(kind)

    def simulate(case: CaseModel, desk: DeskGiven) -> Any:
        return _simulate(kind, case, desk, desk.body)

    def draw(case: CaseModel, desk: DeskGiven) -> Any:
        chart = _simulate(kind, case, desk, desk.chart)
        if isinstance(chart, JSONResponse):
            return chart
        return Response(draw_png(chart), media_type="image/png") if chart else Response(status_code=204)

    simulate.__annotations__["case"] = draw.__annotations__["case"] = model
    router.add_api_route(
        f"/{kind.name}", simulate, methods=["POST"], name=f"simulate_{kind.name}", responses=ERRORS,
        response_model=SimulationBody, dependencies=[Depends(_admit)], summary=kind.description.en,
        description=f"{kind.description.en}. {kind.description.zh}。", response_description="The estimate.",
    )  # fmt: skip
    router.add_api_route(
        f"/{kind.name}/chart", draw, methods=["POST"], name=f"draw_{kind.name}", response_class=Response,
        responses=ERRORS | {200: PNG, 204: {"description": "There is nothing to compare."}},
        dependencies=[Depends(_admit)], summary=f"{kind.description.en}: the chart as a PNG",
        description=f"The figures to compare, drawn, about 900 pixels wide. {kind.description.en}.",
    )  # fmt: skip


for _kind in KINDS.values():
    _add_route(_kind)


@overview.get("", summary="The simulations there are", response_description="All of them.")
async def get_kinds() -> list[KindBody]:
    """Every kind with what it is for, in both languages."""
    return [KindBody(kind=kind.name, zh=kind.description.zh, en=kind.description.en) for kind in KINDS.values()]


@overview.post("/{kind}", include_in_schema=False)
async def unknown_kind(kind: str) -> None:
    """There is no such simulation."""
    raise Refused(Reason.SIMULATION_UNKNOWN, accepted=", ".join(KINDS))
