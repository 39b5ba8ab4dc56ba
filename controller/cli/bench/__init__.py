"""The benchmarks of ``lamplighter bench``: our way beside a bare alternative, in one run."""
