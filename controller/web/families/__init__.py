"""The metric families, a module for each part of the service."""
