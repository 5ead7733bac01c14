"""One Rasa action a file: tracker in, plain call, dispatcher out."""
