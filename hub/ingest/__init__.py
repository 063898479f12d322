"""Stage 1: remote page, webhook hint or file -> raw records for the writer. I/O.

In: a stream and where its cursor stands. Out: raw records that carry the number and time of the request that brought them, and the
cursor move that is committed with them. Keeps invariants 1 and 12.
"""
