"""A node's numbers for Prometheus, most of them the live channel's. Knows no more than names."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_FAST = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)
_KEPT = 2000


class Meters:
    """Counted where it happens, read at `/metrics`."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.sockets = Gauge(
            "talking_live_sockets", "Clients that listen", ["role"], registry=registry
        )
        self.queue = Gauge(
            "talking_live_queue_bytes", "Waiting to be sent, all clients", registry=registry
        )
        self.welcome = Histogram(
            "talking_live_welcome_seconds", "Hello to welcome", buckets=_FAST, registry=registry
        )
        self.age = Histogram(
            "talking_live_event_age_seconds",
            "Age of events when sent",
            buckets=_FAST,
            registry=registry,
        )
        self.resyncs = Counter("talking_live_resyncs", "Queues that overflowed", registry=registry)
        self.beginnings = Counter(
            "talking_live_beginnings",
            "Topics begun, by replay or by snapshot",
            ["mode"],
            registry=registry,
        )
        self.slow = Counter(
            "talking_live_slow_closes", "Clients sent away as too slow", registry=registry
        )
        self.commands = Histogram(
            "talking_live_command_seconds",
            "Command to ack",
            ["name"],
            buckets=_FAST,
            registry=registry,
        )
        self.closes = Counter(
            "talking_live_closes", "Sockets closed by us", ["code"], registry=registry
        )
        self.restarts = Counter(
            "talking_service_restarts",
            "Background services begun again",
            ["service"],
            registry=registry,
        )
        self._recent: list[float] = []

    def sent(self, age_seconds: float) -> None:
        """An event went out at this age."""
        self.age.observe(age_seconds)
        if len(self._recent) < _KEPT:
            self._recent.append(age_seconds)

    def recent_age_ms(self) -> float:
        """The p95 of the ages since this was last asked; 0 when nothing went out."""
        recent, self._recent = sorted(self._recent), []
        return recent[int(len(recent) * 0.95)] * 1000 if recent else 0.0
