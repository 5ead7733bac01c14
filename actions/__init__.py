"""The answering process: knowledge, figures and what the worker may have done with their data."""
