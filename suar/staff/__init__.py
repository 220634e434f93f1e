"""``suar staff``: how many operators each half-hour needs. What is computed is in `queues.staffing`."""
