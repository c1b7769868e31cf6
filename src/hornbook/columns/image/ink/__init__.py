"""Finding what is written or drawn on a picture: `find` is the door."""
