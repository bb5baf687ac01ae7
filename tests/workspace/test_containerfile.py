"""The image runs as nobody in particular, fetches nothing unpinned, and is made of what the tree has."""

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from netscript_kernel.keyring import generate_key
from netscript_kernel.kv.urls import store_file
from netscript_plugin_auth.configuration import read_configuration
from workspace import ROOT

README = ROOT / "plugin_auth" / "README.md"


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


def test_whatever_an_env_file_asks_for_is_in_the_image() -> None:
    (made,) = (rest for name, rest in _instructions() if name == "RUN" and "production.sh" in rest)
    backends = {folder.name.replace("_", "-") for folder in (ROOT / "adapters").iterdir()} - {"kv-oauth"}
    project = tomllib.loads((ROOT / "plugin_auth" / "pyproject.toml").read_text())["project"]
    extras = set(project["optional-dependencies"]) - {"dev", "all"}

    names = made.split()[-1].split(",")

    assert set(names) == backends | extras


def test_it_starts_auth_api_and_asks_it_whether_it_lives() -> None:
    stage = dict(_last_stage())

    assert json.loads(stage["CMD"]) == ["netscript", "auth", "serve"]
    assert stage["EXPOSE"] == "8094"
    check = json.loads(stage["HEALTHCHECK"].partition("CMD ")[2])
    assert check[:2] == ["python", "-c"]
    compile(check[2], "HEALTHCHECK", "exec")


def test_the_env_file_of_the_readme_is_all_that_the_image_needs() -> None:
    (text,) = re.findall(r"```\n(NETSCRIPT_AUTH_PUBLIC_URL=.+?)```", README.read_text(), re.DOTALL)
    written = dict(line.split("=", 1) for line in text.splitlines())
    stage = _last_stage()
    image = dict(pair.split("=", 1) for name, rest in stage if name == "ENV" for pair in shlex.split(rest))

    configuration = read_configuration({**image, **written, "NETSCRIPT_AUTH_KEYS": generate_key()})

    (volume,) = (rest for name, rest in stage if name == "VOLUME")
    store = store_file(configuration.service.kv_url.get_secret_value(), data_dir=None)
    assert store is not None
    assert store.parent == Path(volume)
    assert str(configuration.service.port) == dict(stage)["EXPOSE"]
    assert not [name for name in image if name.startswith("NETSCRIPT_")]


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
