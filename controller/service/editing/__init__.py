"""Edits of the city's documents: what they would do, whether they may, and the way to do them.

One implementation for the command line, the control socket and the API. Reads no clock and
no disk of its own; what works long is called off the loop.
"""
