"""From a merged file to a confirmed move: what will move, handing it over, and what came of it."""
