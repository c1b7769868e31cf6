"""The recognizer's file: written, checked, made smaller."""
