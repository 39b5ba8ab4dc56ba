"""Ports: what the service needs of the world, without saying who provides it."""
