"""The call controller: one guarded task per call, driving Asterisk over ARI."""
