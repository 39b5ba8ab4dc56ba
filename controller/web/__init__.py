"""The service's own HTTP: metrics, health, readiness."""
