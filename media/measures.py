"""What a process measures, for `/metrics`: one registry, and the engines' part of it.

Counted once an utterance or reply, never once a frame. Knows no engine.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 30)
REGISTRY = CollectorRegistry()

ENGINE_SECONDS = Histogram(
    "talking_engine_seconds",
    "Asked to answered, or to the first piece of an answer",
    ["engine", "maker"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
ENGINE_FAILURES = Counter(
    "talking_engine_failures", "Errors of engines", ["engine", "maker"], registry=REGISTRY
)
