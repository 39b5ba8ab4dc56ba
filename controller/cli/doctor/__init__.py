"""``lamplighter doctor``: whether this machine and its settings fit a service."""
