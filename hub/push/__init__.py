"""Stage 5: what has to change in a system, and the calls that try to.

In: golden records and claims (plan, pure); due deliveries (deliver, I/O). Out: attempts committed before their first call, and
outcomes, which are observations like any other. Keeps invariants 5 and 10; the rules are those of DESIGN section 6.
"""
