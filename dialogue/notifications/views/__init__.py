"""Screens about who is told what."""
