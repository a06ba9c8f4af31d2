"""Every SELECT about who is told what."""
