"""Which file is generated from what."""

from collections.abc import Mapping
from pathlib import Path

from griffe import Module

from documents.backends import all_capabilities, capability_table, refusal_table
from documents.events import events_table
from documents.http_api import api_document, http_page
from documents.providers import providers_table
from documents.reference import load_modules, reference_page
from documents.regions import with_region
from documents.surface import SURFACE
from workspace import ROOT

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"


async def write_all() -> None:
    """Write the tables into their pages, and the reference into its folder."""
    for path, text in (await regions_renewed()).items():
        path.write_text(text)
    modules = load_modules([module for page in SURFACE.values() for module in page.modules])
    for name, text in (await reference_pages(modules)).items():
        (REFERENCE / name).write_text(text)


async def regions_renewed() -> Mapping[Path, str]:
    """Return each page that has generated parts, with these as they have to be."""
    ways = await all_capabilities()
    capabilities, refusals = capability_table(ways), refusal_table(ways)
    parts = {
        "audit.md": {"events": events_table()},
        "providers.md": {"providers": providers_table()},
        "backends.md": {"capabilities": capabilities, "refusals": refusals},
        "swap-backends.md": {"capabilities": capabilities},
    }
    return {DOCS / page: _renewed((DOCS / page).read_text(), of_page) for page, of_page in parts.items()}


async def reference_pages(modules: Mapping[str, Module]) -> Mapping[str, str]:
    """Return the pages of the reference by their names, of modules that were read."""
    pages = {
        f"{name}.md": reference_page(page.title, {module: modules[module] for module in page.modules})
        for name, page in SURFACE.items()
    }
    return {**pages, "http-api.md": http_page(await api_document())}


def _renewed(page: str, parts: Mapping[str, str]) -> str:
    for name, text in parts.items():
        page = with_region(page, name, text)
    return page
