"""Mutation testing: small faults are put into the hub, one at a time, and the near unit tests have to notice (`make mutants`)."""
