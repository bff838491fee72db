"""The live channel as clients use it: topics, snapshots, resuming, commands."""
