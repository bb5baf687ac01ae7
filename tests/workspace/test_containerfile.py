"""The image runs as nobody in particular, fetches nothing unpinned, and is made of what the tree has."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from workspace import ROOT


def _instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Containerfile").read_text()
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    lines = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(name, rest) for name, rest in lines]


def _last_stage() -> list[tuple[str, str]]:
    instructions = _instructions()
    start = max(index for index, (name, _) in enumerate(instructions) if name == "FROM")
    return instructions[start:]


def test_it_runs_as_a_user_without_rights() -> None:
    users = [rest for name, rest in _last_stage() if name == "USER"]

    assert users == ["10001:10001"]


def test_nothing_is_added_from_an_address() -> None:
    names = {name for name, _ in _instructions()}

    assert "ADD" not in names
    assert not any("://" in rest for name, rest in _instructions() if name in {"RUN", "COPY"})


def test_every_base_image_names_its_version() -> None:
    images = [rest.split()[0] for name, rest in _instructions() if name == "FROM"]

    assert images
    assert all(re.fullmatch(r"python:3\.1[1-9]-slim", image) for image in images)


def test_it_starts_auth_api_and_asks_it_whether_it_lives() -> None:
    stage = dict(_last_stage())

    assert json.loads(stage["CMD"]) == ["netscript", "auth", "serve"]
    assert stage["EXPOSE"] == "8094"
    check = json.loads(stage["HEALTHCHECK"].partition("CMD ")[2])
    assert check[:2] == ["python", "-c"]
    compile(check[2], "HEALTHCHECK", "exec")


@pytest.mark.slow
def test_a_production_install_has_the_service_and_not_the_development_provider(
    production_environment: Path,
) -> None:
    names = "netscript_plugin_auth", "netscript_dev_provider", "jose", "pytest"
    probe = f"from importlib.util import find_spec; print(*(n for n in {names} if find_spec(n)))"

    done = subprocess.run(
        [production_environment / "bin/python", "-I", "-c", probe], check=True, capture_output=True, text=True
    )

    assert done.stdout.split() == ["netscript_plugin_auth"]
