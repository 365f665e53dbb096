"""`wxp-lint.toml` to Settings."""
