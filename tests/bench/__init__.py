"""Figures under load, not tests: `make bench`. Nothing here is timed in a test."""
