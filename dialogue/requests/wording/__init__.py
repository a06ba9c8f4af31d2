"""The words for what happens to a request and where it stands."""
