"""Documents that no standard foresaw, made by the million: what reads a caller's place must stand them."""
