"""Networks: from a column's encoded values to features, and from features to each target's raw outputs.

inputs.py turns a column's arrays into what a network takes, families.py and layers.py are the networks in
between, heads.py ends them for a kind of target, and model.py joins the three.
"""
