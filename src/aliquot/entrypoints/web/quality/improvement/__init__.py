"""Pages of improvement: nonconformities, audits, risks, causes."""
