"""The street: a fleet of luminaires that knows only the wire contract, with an oracle and faults.

Run as ``python -m simulator``. Takes from the inventory what is bolted to the poles (who is
there, of which lamp type, behind which gateway); zones, programs and levels reach it over
the wire. The oracle alone reads the plan. Knows nothing of the controller but `controller.wire`.
"""
