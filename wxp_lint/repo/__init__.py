"""Where the repository begins, which of its files a run looks at, and what a revision holds."""
