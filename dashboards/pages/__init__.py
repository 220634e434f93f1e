"""The pages: a template for each, its regions kept fresh by one stream of server-sent events."""
