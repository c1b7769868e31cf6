"""Arrays: of a Python program, and in IDX, NPZ and CIFAR files."""
