"""Ways to hand a transfer over: one module each. Planning imports none of them."""
