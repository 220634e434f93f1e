"""The wall: what the whole room, and its visitors, see at once. Nobody is named, nothing can be pressed."""
