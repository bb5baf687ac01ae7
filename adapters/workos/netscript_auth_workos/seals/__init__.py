"""Session cookies of WorkOS SDKs: told apart, opened, sealed anew."""
