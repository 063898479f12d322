"""Process chaos: the real daemon over real HTTP while its machine, its store and its neighbours misbehave (`make chaos`)."""
