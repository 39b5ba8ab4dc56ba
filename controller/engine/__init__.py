"""The engine: makes the street agree with the documents. Level-triggered, in columns.

Time is an argument. Nothing here does I/O: methods take what arrived and return what is to
be sent. ``now`` is site time, Unix seconds UTC; ``elapsed`` is machine time, seconds from
an arbitrary origin. Deadlines for answers are machine time, since the network does not run
faster where a demonstration lets the night pass in minutes.
"""
