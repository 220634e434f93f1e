"""The public address: what phones and gateways may reach. Nothing of the staff's is served here."""
