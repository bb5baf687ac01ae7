"""The pages that people see: plain HTML without scripts, in light and dark."""
