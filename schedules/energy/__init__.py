"""What energy is measured against: baselines, tariffs, grid factors, targets, figures.

Pure rules over the documents of the plan and rows of the energy account; no I/O, no clock.
Sources and formulas are in docs/energy.md.
"""
