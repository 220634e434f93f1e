"""The fault suite: every part killed, hung, cut off and filled up, with calls in every state."""
