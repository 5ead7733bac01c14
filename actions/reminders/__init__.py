"""Reminders and nudges: when they are due, who wants them, and what they say."""
