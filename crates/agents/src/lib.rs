//! What a provider, an auditor and a requester do next.
