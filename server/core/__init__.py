"""What every room stands on: configuration, errors, identity, time, and the node itself."""
