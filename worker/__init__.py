"""Feedmill: feeds in, a searchable news archive out."""

__version__ = "0.1.0"
