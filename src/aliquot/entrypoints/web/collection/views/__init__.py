"""Views of collection: the day and the draw, the centrifuge, boxes."""
