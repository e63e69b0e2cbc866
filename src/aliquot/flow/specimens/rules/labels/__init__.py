"""Labels of tubes: one layout, drawn as dots for label printers and as PDF for anything else."""
