"""Process 2: everything between a worker's messaging app and Rasa."""
