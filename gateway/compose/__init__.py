"""Views made of several services. What a service does not say is null, and the service is named."""
