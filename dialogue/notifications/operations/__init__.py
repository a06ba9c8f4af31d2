"""Verbs: following, telling, gathering."""
