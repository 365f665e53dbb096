"""What a run knows, as tables that rules read."""
