"""The REST interface: one table of routes, from which the handlers and the OpenAPI document both come."""
