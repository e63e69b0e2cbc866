"""Nonconformities and what is learnt from them: containment, cause, actions, their effect; audits; risks."""
