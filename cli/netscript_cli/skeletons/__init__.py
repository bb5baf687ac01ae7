"""What new workspaces and new plugins begin with: templates with their names filled in."""
