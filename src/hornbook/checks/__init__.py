"""What is wrong with examples, and what is in them; `check` looks, `findings` are what it found."""
