"""Prometheus metrics and health of the long-running processes.

What all share (state.py), what one worker did (stages.py, processes.py), and the endpoint that tells it (endpoint.py).
"""
