"""Entry of ``python -m simulator``."""

from simulator.cli import run_from_shell

if __name__ == "__main__":
    run_from_shell()
