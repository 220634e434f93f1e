"""What still works when the call controller does not: what Asterisk itself starts, and the rescuer."""
