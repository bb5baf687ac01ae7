"""What a process is run for. Nothing else stands here, so that whoever names a profile imports no service."""

from typing import Literal, TypeAlias

Profile: TypeAlias = Literal["production", "development"]
