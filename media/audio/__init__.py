"""Sound alone: codecs, speech detection, tones, listeners, the carrier's frames. No decisions."""
