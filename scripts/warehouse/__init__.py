"""The command line `warehouse`: loads, builds, checks and publishes a B2B commerce warehouse."""
