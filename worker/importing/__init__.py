"""JSON Lines into the archive; beside the pipeline, on the same ports."""
