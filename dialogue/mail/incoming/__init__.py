"""Mail that comes in: taken in durably, read, judged."""
