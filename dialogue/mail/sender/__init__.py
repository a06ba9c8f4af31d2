"""Taking mail out of the house: written by templates, handed to the server, noted in the outbox."""
