"""Many trainings of one recipe with other settings: each is a run folder, and all that is known stands in these."""
