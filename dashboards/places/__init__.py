"""A caller's place as people see it: the claims in their order, the areas, and a map without a map server."""
