"""A small contract with a service, for the tests of the kernel's service and client."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
from pydantic import Field
from starlette.requests import Request
from starlette.types import ASGIApp

from netscript_kernel.contracts import (
    FORBIDDEN,
    FORM,
    JSON,
    NOT_FOUND,
    Contract,
    InputModel,
    Nothing,
    ProblemSpec,
    Redirect,
    WireModel,
    delete,
    get,
    post,
)
from netscript_kernel.service.builder import create_service
from netscript_kernel.service.implementation import Implementation, implement
from netscript_kernel.service.problems import ProblemError
from netscript_kernel.service.service import Service
from netscript_kernel.service.settings import ServiceInfo, ServiceSettings

HOST = "notes.acme.example"
INFO = ServiceInfo("notes", "1.2.3", "Keeps notes.")
SETTINGS = ServiceSettings(allowed_hosts=frozenset({HOST}))

NOTE_LOCKED = ProblemSpec("NOTE_LOCKED", 409, "Somebody else is writing this note")


class FindNote(WireModel):
    note_id: str = Field(max_length=10)
    with_history: bool = False
    only_tags: tuple[str, ...] = ()


class NewNote(InputModel):
    full_text: str = Field(max_length=20)
    due_at: datetime | None = None
    page_count: int = 1
    extras: Any = None


class Note(WireModel):
    note_id: str
    full_text: str
    only_tags: tuple[str, ...] = ()
    due_at: datetime | None = None


class NoteId(WireModel):
    note_id: str


class RenameNote(InputModel):
    note_id: str
    full_text: str


class NotesV1(Contract, name="notes", version="v1", prefix="/api/v1/notes"):
    find = get("/{note_id}").input(FindNote).output(Note).problems(NOT_FOUND).describe("One note.")
    add = post("/").input(NewNote).output(Note, status=201).problems(FORBIDDEN, NOTE_LOCKED)
    rename = post("/{note_id}/name").input(RenameNote).output(Note)
    drop = delete("/{note_id}").input(NoteId).output(Nothing, status=204)
    newest = get("/by/age").redirects()
    ping = post("/by/ping").output(Nothing)
    post_form = post("/by/form").input(NewNote).redirects(303).raw(JSON, FORM)


def implementation() -> Implementation:
    notes = implement(NotesV1)

    @notes.handles(NotesV1.find)
    async def find(value: FindNote, request: Request) -> Note:
        if value.note_id == "gone":
            raise ProblemError(NOT_FOUND, detail="This note is gone")
        return Note(note_id=value.note_id, full_text=str(value.with_history), only_tags=value.only_tags)

    @notes.handles(NotesV1.add)
    async def add(value: NewNote, request: Request) -> Note:
        return Note(note_id="new", full_text=value.full_text, due_at=value.due_at)

    @notes.handles(NotesV1.rename)
    async def rename(value: RenameNote, request: Request) -> Note:
        return Note(note_id=value.note_id, full_text=value.full_text)

    @notes.handles(NotesV1.drop)
    async def drop(value: NoteId, request: Request) -> Nothing:
        return Nothing()

    @notes.handles(NotesV1.newest)
    async def newest(value: Nothing, request: Request) -> Redirect:
        return Redirect(location="/api/v1/notes/n9")

    @notes.handles(NotesV1.ping)
    async def ping(value: Nothing, request: Request) -> Nothing:
        return Nothing()

    @notes.handles(NotesV1.post_form)
    async def post_form(request: Request) -> Redirect:
        await request.body()
        return Redirect(location="/api/v1/notes/n9")

    return notes


def sample_service(settings: ServiceSettings = SETTINGS, **options: Any) -> Service:
    options.setdefault("implementations", [implementation()])
    return create_service(INFO, settings, **options)


@asynccontextmanager
async def browsing(app: ASGIApp, **options: Any) -> AsyncGenerator[httpx.AsyncClient]:
    """A client that asks the application itself, as ``http://notes.acme.example`` unless told otherwise."""
    options.setdefault("base_url", f"http://{HOST}")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), **options) as client:
        yield client
