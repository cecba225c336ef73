"""Erasing articles and whole domains for good: found everywhere, taken out, kept away, and looked for again."""
