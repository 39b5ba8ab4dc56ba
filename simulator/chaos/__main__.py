"""``python -m simulator.chaos``."""

from simulator.chaos.cli import run_from_shell

run_from_shell()
