"""The mode in which tokens of better-auth's jwt plugin are verified here, by its published keys."""
