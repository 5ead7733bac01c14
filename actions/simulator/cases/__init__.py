"""What is known of the person, one model a kind of simulation."""
