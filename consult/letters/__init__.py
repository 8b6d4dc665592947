"""Letters that others can check: a number, an address, and whether they are valid."""
