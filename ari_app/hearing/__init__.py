"""Whether a caller is heard: by Silero's model on her recording, or by Asterisk's TALK_DETECT.

And who speaks in vain.
"""
