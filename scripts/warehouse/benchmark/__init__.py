"""Measures the warehouse: a full build, one more day, memory, growth, peers and readers (`warehouse benchmark`)."""
