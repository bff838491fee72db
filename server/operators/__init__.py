"""People who take part in a live call: mute, take over, listen, press keys, transfer, decide."""
