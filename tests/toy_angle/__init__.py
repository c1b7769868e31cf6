"""An angle in degrees, a kind of value that hornbook does not know: 359 and 1 are two degrees apart.

``register("angle", "tests.toy_angle")`` makes it known. `docs/extending.md` walks through these files.
"""
