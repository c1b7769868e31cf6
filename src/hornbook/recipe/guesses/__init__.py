"""What is guessed of each sort of examples."""
