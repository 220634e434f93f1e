"""What can be done to a city, by the part that it is done to."""
