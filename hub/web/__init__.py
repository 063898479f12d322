"""What answers HTTP: the webhook receiver. ASGI only here; everything behind it is a plain call handed in.

In: requests. Out: statuses. Nothing that came in is ever repeated in an answer or a log line (Invariant 14).
"""
