"""The providers that are known by name: one file each in ``presets/``, read when it is wanted."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from netscript_auth_kv_oauth.presets.schema import ProviderPreset

FOLDER: Final = Path(__file__).parent
OIDC: Final = "oidc"
_PARAMETER: Final = re.compile(r"^\[parameters\.([a-z0-9_]+)\]$", re.MULTILINE)


@cache
def preset_ids() -> tuple[str, ...]:
    """Return the ids of all presets, reading none."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@cache
def find_preset(preset_id: str) -> ProviderPreset | None:
    """Return one preset, or ``None`` where none has this id. Any text may be asked for."""
    return read_preset(FOLDER / f"{preset_id}.toml") if preset_id in preset_ids() else None


def get_preset(preset_id: str) -> ProviderPreset:
    """Return one preset that is known to be there."""
    preset = find_preset(preset_id)
    if preset is None:
        raise LookupError(f"no preset {preset_id}; there are: {', '.join(preset_ids())}")
    return preset


def read_preset(file: Path) -> ProviderPreset:
    """Read one file.

    Raises:
        ValueError: it is no TOML, or not what the schema wants; says which field.
    """
    return ProviderPreset.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


@cache
def parameter_names() -> frozenset[str]:
    """Return the names of the parameters of all presets, looking only for their headings."""
    texts = (file.read_text(encoding="utf-8") for file in FOLDER.glob("*.toml"))
    return frozenset(name for text in texts for name in _PARAMETER.findall(text))
