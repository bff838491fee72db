"""What the server measures, for `/metrics`: requests, calls, turns, vendors, jobs, the loop, pools.

Labels are few and known beforehand: no id, no number, no address of anybody. Knows no rooms.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, GCCollector, Histogram, ProcessCollector

from media.measures import BUCKETS, REGISTRY

HTTP_SECONDS = Histogram(
    "talking_http_request_seconds",
    "Requests by route, webhooks included, to the head of the answer",
    ["method", "route", "status"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
CALLS = Counter(
    "talking_calls_ended", "Calls by how they ended", ["status", "reason"], registry=REGISTRY
)
MILESTONES = Counter(
    "talking_call_milestones", "What calls came to", ["milestone"], registry=REGISTRY
)
MILESTONES.labels("lost")  # there before the first one, as nobody sees a series grow that begins
VERDICT_SECONDS = Histogram(
    "talking_call_verdict_seconds",
    "Picked up to known who",
    ["by"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
TURN_SECONDS = Histogram(
    "talking_turn_seconds",
    "The caller's last word to the agent's first, by part",
    ["part"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
COSTS = Counter(
    "talking_costs", "What services cost, in costs.currency", ["channel", "what"], registry=REGISTRY
)
VENDOR_SECONDS = Histogram(
    "talking_vendor_request_seconds",
    "Requests to vendors",
    ["vendor", "outcome"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
JOB_SECONDS = Histogram(
    "talking_job_seconds",
    "Jobs tried, by what came of it",
    ["job", "outcome"],
    buckets=BUCKETS,
    registry=REGISTRY,
)
JOBS_WAITING = Gauge("talking_jobs_waiting", "Jobs that are not done", ["job"], registry=REGISTRY)
JOB_AGE = Gauge(
    "talking_job_age_seconds", "How long the oldest is overdue", ["job"], registry=REGISTRY
)
EVENTS_WAITING = Gauge(
    "talking_stripe_event_age_seconds", "Age of the oldest not worked on", registry=REGISTRY
)
LOOP_LAG_SECONDS = Histogram(
    "talking_loop_lag_seconds",
    "How late the loop comes to what is due",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
    registry=REGISTRY,
)
POOL_CONNECTIONS = Gauge(
    "talking_pool_connections", "Database connections", ["pool", "state"], registry=REGISTRY
)
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


class Asked:
    """A request under way; `status` is the answer's, where no exception tells of a bad one."""

    status = 200


@contextmanager
def vendor_request(vendor: str) -> Iterator[Asked]:
    """Time a request to a vendor; it failed if anything is raised, or with a status of 5xx."""
    begun, asked, has_answer = time.perf_counter(), Asked(), False
    try:
        yield asked
        has_answer = True
    finally:
        outcome = "ok" if has_answer and asked.status < 500 else "failed"
        VENDOR_SECONDS.labels(vendor, outcome).observe(time.perf_counter() - begun)
