"""The lines to the analyzers, over TCP, serial ports and folders: every message kept before its receipt."""
