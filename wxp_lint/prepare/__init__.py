"""What people write around a transfer file, made for them."""
