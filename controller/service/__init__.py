"""The service: the engine's loops, between the ports. Knows no adapter."""
