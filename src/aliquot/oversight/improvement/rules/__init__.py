"""Pure decisions about nonconformities, audits and risks."""
