"""External assessment: what is due, rounds of one's own, scores as pictures, failures as cases."""
