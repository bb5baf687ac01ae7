"""The feed of sessions that ended, for services that verify tokens themselves."""
