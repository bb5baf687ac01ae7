"""A soak: known people at real servers for a long time, and somebody who knows each right answer."""
