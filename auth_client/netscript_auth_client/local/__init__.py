"""The mode in which access tokens of ``/token`` are verified here, and revocations are listened to."""
