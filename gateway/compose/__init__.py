"""Views composed of several services. Parts of a service that does not answer are null; the service is named."""
