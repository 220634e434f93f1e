"""What a city is given as tables and looks up for each call: fixed lines' addresses, cells' places."""
