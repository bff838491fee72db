"""Speech and language services that are sold elsewhere, each by its own wire, under `/providers`.

They really hear and speak, with offline models; what they say when they think is a script.
"""
