"""Folders of pictures, sounds and texts: what is listed, and where the labels are from."""
