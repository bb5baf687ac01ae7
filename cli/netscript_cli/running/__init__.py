"""What runs of a Plan: its processes side by side, its gates one after the other."""
