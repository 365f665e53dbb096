"""What was planned, handed over and settled."""
