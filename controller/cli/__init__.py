"""The command line: ``lamplighter`` and its subcommands."""
