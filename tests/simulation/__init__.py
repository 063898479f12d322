"""Production code under a baton, in a world of remotes with habits, judged by an oracle of its own (DESIGN section 12).

In: a seed. Out: a `Result` with counts and violations. Same seed, same event log. `baton` hands the turn on,
`transport` carries requests and breaks them, `habits`, `remote`, `rest` and `connector` are the configurable remote,
`actors` the people, `oracle` and `lives` the judge, `world` one seeded run, `toy` a hub to prove the kit with, `adapter` what the
world needs of the real one, `run` the command line.
"""
