"""Every message of the live channel, and the hub that delivers it."""
