"""A service runs alone, or mounted under any prefix of any ASGI application."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from fastapi import APIRouter, Depends, FastAPI, Query
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Scope

from netscript_kernel.service.hot import HotAnswer, HotRoute
from netscript_kernel.service.service import Service
from tests.kernel.sample_service import browsing, sample_service


async def hot(scope: Scope) -> HotAnswer:
    return HotAnswer(200, ((b"content-type", b"application/json"),), b"{}")


def in_starlette(service: Service) -> ASGIApp:
    return Starlette(routes=[Mount("/auth/deep", app=service.app)])


def in_fastapi(service: Service) -> ASGIApp:
    host = FastAPI()
    host.mount("/auth/deep", service.app)
    return host


@pytest.mark.parametrize("mount", [in_starlette, in_fastapi])
@pytest.mark.parametrize(
    "path", ["/hot", "/api/v1/notes/n1", "/health/ready", "/", "/api/docs", "/api/docs/docs.css"]
)
async def test_a_mounted_service_answers_below_its_prefix(mount: object, path: str) -> None:
    service = sample_service(hot_routes=[HotRoute("GET", "/hot", hot)])
    app = in_starlette(service) if mount is in_starlette else in_fastapi(service)

    async with browsing(app) as http:
        answer = await http.get(f"/auth/deep{path}")

    assert answer.status_code == 200


async def test_the_document_of_a_mounted_service_names_its_prefix() -> None:
    async with browsing(in_starlette(sample_service())) as http:
        document = (await http.get("/auth/deep/api/openapi.json")).json()

    assert document["servers"] == [{"url": "/auth/deep"}]


async def test_a_mounted_hot_route_is_still_found_in_front() -> None:
    service = sample_service(hot_routes=[HotRoute("GET", "/hot", hot)])

    async with browsing(in_starlette(service)) as http:
        await http.get("/auth/deep/hot")

    assert service.hot_counts["GET /hot"].answered == 1


@asynccontextmanager
async def part() -> AsyncGenerator[None]:
    yield


async def test_a_service_that_was_not_started_says_so_instead_of_failing() -> None:
    service = sample_service(lifespan=[part], hot_routes=[HotRoute("GET", "/hot", hot)])

    async with browsing(in_starlette(service)) as http:
        before = [
            await http.get(f"/auth/deep{path}") for path in ("/hot", "/api/v1/notes/n1", "/health/ready")
        ]
        await service.start()
        after = [
            await http.get(f"/auth/deep{path}") for path in ("/hot", "/api/v1/notes/n1", "/health/ready")
        ]
        await service.stop()

    assert [answer.status_code for answer in before] == [503, 503, 503]
    assert before[0].json()["detail"] == "The service has not been started"
    assert [answer.status_code for answer in after] == [200, 200, 200]


async def test_routes_of_a_fastapi_router_work_and_are_documented() -> None:
    router = APIRouter()

    def doubled(number: int = Query()) -> int:
        return number * 2

    @router.get("/double")
    async def double(value: int = Depends(doubled)) -> int:
        return value

    service = sample_service(routes=router.routes)
    async with browsing(service.app) as http:
        answer = await http.get("/double?number=21")
        refused = await http.get("/double?number=many")

    assert answer.json() == 42
    assert (refused.status_code, refused.json()["data"]["fieldErrors"].keys()) == (422, {"number"})
    assert "/double" in service.openapi()["paths"]
