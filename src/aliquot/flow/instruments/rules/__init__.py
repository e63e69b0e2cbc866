"""What an analyzer's message means: pure rules over bytes and driver files."""
