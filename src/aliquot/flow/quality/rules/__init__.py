"""What control results say: rules of control, sigma, patient-based control."""
