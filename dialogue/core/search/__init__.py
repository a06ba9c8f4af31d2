"""Search without a database: words, stems and ranking. Storage and queries live in `requests/`."""
