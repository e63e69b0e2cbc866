"""The workplace of quality: control, monitors, comparability, assessment, studies, improvement, evidence."""
