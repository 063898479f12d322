"""What a record means in the shop: the stock ledger now; reservations, returns and loyalty later. Pure.

In: observed levels and what is known of a (variant, location). Out: movements, balances and the deltas that are due.
Keeps invariant 11.
"""
