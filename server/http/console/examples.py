"""What a program of somebody's asks first, in three languages; `/docs` shows them side by side.

Data. `URL` and `KEY` stand for the server's address and the reader's API key. Every example is
run against a node by the tests, as it is.
"""

import msgspec


class Example(msgspec.Struct, frozen=True):
    """One thing to do."""

    title: str
    told: str
    curl: str
    python: str
    typescript: str


EXAMPLES = (
    Example(
        title="Place a call",
        told=(
            "`to` defaults to the number that the key's owner proved. Every write may have an "
            "Idempotency-Key: sent again with it, the same is done once. The clients give one by "
            "themselves."
        ),
        curl="""\
curl URL/v1/calls \\
  -H "Authorization: Bearer KEY" \\
  -H "Content-Type: application/json" \\
  -H "Idempotency-Key: lisbon-1" \\
  -d '{"topic": "the trip to Lisbon", "to": "+12025550100"}'
""",
        python="""\
from talking_client import Client

with Client("URL", "KEY") as talking:
    call = talking.calls.place("the trip to Lisbon", "+12025550100")
    print(call.id, call.status)
""",
        typescript="""\
import { Client } from "talking-client";

const talking = new Client("URL", "KEY");
const call = await talking.calls.place({
  topic: "the trip to Lisbon",
  to: "+12025550100",
});
console.log(call.id, call.status);
""",
    ),
    Example(
        title="A list with filters",
        told=(
            "A page has `limit` rows and a `cursor` to the next one, null on the last: send it "
            "back with the same filters. The clients go from page to page by themselves."
        ),
        curl="""\
curl -G URL/v1/calls \\
  -H "Authorization: Bearer KEY" \\
  -d since=2026-11-01 -d sort=-duration_seconds \\
  -d limit=50
""",
        python="""\
from talking_client import Client

with Client("URL", "KEY") as talking:
    for call in talking.calls.list(since="2026-11-01", sort="-duration_seconds"):
        print(call.topic, call.duration_seconds)
""",
        typescript="""\
import { Client } from "talking-client";

const talking = new Client("URL", "KEY");
const filters = { since: "2026-11-01", sort: "-duration_seconds" } as const;
for await (const call of talking.calls.list(filters)) {
  console.log(call.topic, call.duration_seconds);
}
""",
    ),
    Example(
        title="A refusal",
        told=(
            "An answer that is no success is a problem document (RFC 9457). Its `code` is stable, "
            "`detail` says what is wrong this time, and the codes below say what to do. "
            "`X-Request-Id` finds it in the server's log."
        ),
        curl="""\
curl -i URL/v1/calls/00000000-0000-4000-8000-000000000000 \\
  -H "Authorization: Bearer KEY"
""",
        python="""\
from talking_client import Client, ProblemError

with Client("URL", "KEY") as talking:
    try:
        talking.calls.get("00000000-0000-4000-8000-000000000000")
    except ProblemError as problem:
        print(problem.code, problem.detail, problem.request_id)
""",
        typescript="""\
import { Client, ProblemError } from "talking-client";

const talking = new Client("URL", "KEY");
try {
  await talking.calls.get("00000000-0000-4000-8000-000000000000");
} catch (problem) {
  if (!(problem instanceof ProblemError)) throw problem;
  console.log(problem.code, problem.detail, problem.requestId);
}
""",
    ),
    Example(
        title="Everything as it happens",
        told=(
            "A snapshot comes first, then every event, numbered without a gap. What was cut goes "
            "on from the last number: here by Last-Event-ID; the clients do so by themselves, over "
            "a websocket at /live."
        ),
        curl="""\
curl -N "URL/v1/events?topic=me" \\
  -H "Authorization: Bearer KEY"
""",
        python="""\
from talking_client import Live
from talking_client.messages import Snapshot

for given in Live("URL", "KEY"):
    if isinstance(given, Snapshot):
        print("so far:", given.data["calls"])
    else:
        print(given.seq, given.type)
""",
        typescript="""\
import { Live } from "talking-client";

for await (const given of new Live("URL", "KEY")) {
  if (given.op === "snapshot") {
    console.log("so far:", given.data["calls"]);
  } else {
    console.log(given.seq, given.type);
  }
}
""",
    ),
)
