"""The wire contract, version 1: topics and payloads between controller and street.

Owns the message models and the topic grammar. Knows no client, no socket and no clock.
The contract itself is written in ``docs/wire.md`` and the JSON Schemas beside it; these
models are one reading of it.
"""
