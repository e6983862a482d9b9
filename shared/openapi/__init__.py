"""OpenAPI 3.1 documents of the services and of the gateway, generated from their code with apispec."""
