"""Boxes and custody between sites."""
