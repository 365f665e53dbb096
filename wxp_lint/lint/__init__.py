"""Rules, the engine that runs them, and what becomes of what they find."""
