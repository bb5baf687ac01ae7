"""What ``netscript plugin`` does with the list of a workspace: shows it, and changes it."""
