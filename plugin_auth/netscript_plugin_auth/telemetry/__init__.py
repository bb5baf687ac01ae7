"""What auth-api lets its operator see: metrics, traces, and what it has to have installed for them."""
