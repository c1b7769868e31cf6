"""The `date` kind: days and moments, as one number each."""
