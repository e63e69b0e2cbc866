"""Transport: the courier's telephone, and the dispatcher's map. Both see numbers only, never a patient."""
