"""Training on several processes, with the same bits for any number of them."""
