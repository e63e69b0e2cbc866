"""The nurse's day: whom to draw, labels, the draw, the centrifuge, boxes."""
