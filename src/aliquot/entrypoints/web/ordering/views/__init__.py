"""Views of ordering: patients, placing an order, orders."""
