"""What only nets that others have trained need: features kept, and few rows judged by folds."""
