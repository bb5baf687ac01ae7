"""Runs code of plugins where it cannot hurt: in a process of its own, for some seconds, its output apart."""
