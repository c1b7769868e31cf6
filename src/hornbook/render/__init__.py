"""From blocks to a page, a terminal and a notebook; charts as SVG, galleries of pictures."""
