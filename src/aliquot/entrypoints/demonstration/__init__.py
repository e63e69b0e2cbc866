"""A region that lives: synthetic patients, real actions, simulated analyzers on real sockets."""
