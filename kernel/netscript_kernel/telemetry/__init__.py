"""What operators see of a service while it runs: metrics for Prometheus, traces for OpenTelemetry."""
