"""Links by SMS: an operator asks for a caller's place, and the caller's own phone shares it."""
