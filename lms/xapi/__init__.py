"""The learning record store's HTTP face."""
