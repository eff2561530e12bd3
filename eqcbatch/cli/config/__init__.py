"""The settings of a run: the config file, which place each value comes from, and how that is told."""
