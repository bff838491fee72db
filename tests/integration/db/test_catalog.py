"""The catalogue of a migrated database against the database map, written down once more here."""

import asyncpg

TS = "timestamp with time zone"
USER_ID = ("user_id", "uuid")
STAMPS = (("created_at", TS), ("updated_at", TS))

TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "users": (
        ("id", "uuid"),
        ("email", "text"),
        ("subscription_plan_id", "text"),
        ("subscription_status", "text"),
        ("billing_cycle_start", TS),
        ("billing_cycle_end", TS),
        ("stripe_customer_id", "text"),
        ("billing_interval", "text"),
        *STAMPS,
    ),
    "subscription_plans": (
        ("id", "text"),
        ("name", "text"),
        ("description", "text"),
        ("stripe_price_id_monthly", "text"),
        ("stripe_price_id_yearly", "text"),
        ("phone_calls_limit", "integer"),
        ("text_chains_limit", "integer"),
        ("emails_limit", "integer"),
        ("price_monthly", "numeric"),
        ("price_yearly", "numeric"),
        ("features", "jsonb"),
        ("is_active", "boolean"),
        ("sort_order", "integer"),
        *STAMPS,
    ),
    "subscriptions": (
        ("id", "uuid"),
        USER_ID,
        ("stripe_subscription_id", "text"),
        ("tier", "text"),
        ("status", "text"),
        ("current_period_start", TS),
        ("current_period_end", TS),
        *STAMPS,
    ),
    "calls": (
        ("id", "uuid"),
        USER_ID,
        ("user_phone_number", "text"),
        ("topic", "text"),
        ("twilio_call_sid", "text"),
        ("status", "text"),
        ("initiated_time", TS),
        ("ringing_time", TS),
        ("answered_time", TS),
        ("ended_time", TS),
        ("duration_seconds", "integer"),
        *STAMPS,
    ),
    "emails": (
        ("id", "uuid"),
        USER_ID,
        ("recipient_email", "text"),
        ("from_email", "text"),
        ("subject", "text"),
        ("content", "text"),
        ("type", "text"),
        ("topic", "text"),
        ("status", "text"),
        ("sendgrid_message_id", "text"),
        *STAMPS,
    ),
    "sms_conversations": (
        ("id", "uuid"),
        USER_ID,
        ("phone_number", "text"),
        ("topic", "text"),
        ("message_count", "integer"),
        ("current_exchange", "integer"),
        ("status", "text"),
        *STAMPS,
    ),
    "sms_messages": (
        ("id", "uuid"),
        ("conversation_id", "uuid"),
        USER_ID,
        ("phone_number", "text"),
        ("twilio_message_sid", "text"),
        ("direction", "text"),
        ("message_text", "text"),
        ("type", "text"),
        ("status", "text"),
        ("created_at", TS),
    ),
    "subscription_events": (
        ("id", "uuid"),
        USER_ID,
        ("event_type", "text"),
        ("from_plan", "text"),
        ("to_plan", "text"),
        ("stripe_subscription_id", "text"),
        ("stripe_event_id", "text"),
        ("stripe_customer_id", "text"),
        ("billing_amount", "numeric"),
        ("currency", "text"),
        ("billing_interval", "text"),
        ("effective_date", "date"),
        ("metadata", "jsonb"),
        ("created_at", TS),
    ),
    "plan_changes": (
        ("id", "uuid"),
        USER_ID,
        ("from_plan_id", "character varying(50)"),
        ("to_plan_id", "character varying(50)"),
        ("change_type", "character varying(20)"),
        ("requested_at", TS),
        ("effective_date", "date"),
        ("status", "character varying(20)"),
        ("stripe_subscription_id", "character varying(255)"),
        ("notes", "text"),
        *STAMPS,
    ),
    "usage_tracking": (
        ("id", "uuid"),
        USER_ID,
        ("month_year", "text"),
        ("calls_used", "integer"),
        ("texts_used", "integer"),
        ("emails_used", "integer"),
    ),
    "amd_waiting_room": (
        ("id", "uuid"),
        USER_ID,
        ("call_id", "uuid"),
        ("status", "text"),
        *STAMPS,
    ),
}

# (table, column, referred table): the map's relations.
RELATIONS = {
    *((table, "user_id", "users") for table in TABLES if USER_ID in TABLES[table]),
    ("users", "subscription_plan_id", "subscription_plans"),
    ("sms_messages", "conversation_id", "sms_conversations"),
    ("amd_waiting_room", "call_id", "calls"),
}

NAMED_INDEXES = {
    ("subscription_plans", "is_active"),
    ("calls", "status"),
    ("emails", "status"),
    ("sms_messages", "direction"),
    ("usage_tracking", "month_year"),
    ("subscription_events", "event_type"),
}
COLUMN_INDEXES = ("user_id", "created_at")
COMPOSITE_INDEXES = ("user_id, month_year", "user_id, status", "user_id, created_at")

# Table, columns and the condition of a partial index.
UNIQUE = {
    ("users", "stripe_customer_id", None),
    (
        "subscriptions",
        "user_id",
        "(status <> ALL (ARRAY['canceled'::text, 'incomplete_expired'::text]))",
    ),
    ("subscriptions", "stripe_subscription_id", None),
    ("calls", "twilio_call_sid", None),
    ("emails", "sendgrid_message_id", None),
    ("sms_messages", "twilio_message_sid", None),
    ("subscription_events", "stripe_event_id", None),
    ("plan_changes", "user_id", "((status)::text = 'pending'::text)"),
    ("usage_tracking", "user_id, month_year", None),
    ("amd_waiting_room", "call_id", None),
}

CALL_STATUSES = [
    "initiating", "ringing", "answered", "waiting", "talking", "voicemail",
    "ended", "busy", "no_answer", "failed", "canceled", "lost",
]  # fmt: skip

_COLUMNS = """
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute a
join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
    and a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum
"""

_INDEXES = """
select n.nspname as schema, t.relname as table, i.indisunique as is_unique,
    i.indisprimary as is_primary, pg_get_expr(i.indpred, i.indrelid) as condition,
    array_to_string(array(select pg_get_indexdef(i.indexrelid, k, false)
        from generate_series(1, i.indnkeyatts) k order by k), ', ') as columns
from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
where n.nspname in ('public', 'app')
"""

_FOREIGN_KEYS = """
select n.nspname as schema, t.relname as table, r.relname as referred,
    array_to_string(array(select a.attname from unnest(k.conkey) with ordinality u (num, place)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num order by place), ', ')
        as columns
from pg_constraint k join pg_class t on t.oid = k.conrelid join pg_class r on r.oid = k.confrelid
join pg_namespace n on n.oid = t.relnamespace
where k.contype = 'f' and n.nspname in ('public', 'app')
"""


async def test_public_holds_exactly_the_maps_tables_columns_order_and_types(
    owner: asyncpg.Connection,
) -> None:
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for table, column, kind in await owner.fetch(_COLUMNS):
        found[table] = (*found.get(table, ()), (column, kind))
    assert found == TABLES


async def test_every_id_is_the_primary_key(owner: asyncpg.Connection) -> None:
    primary = {
        row["table"]: row["columns"]
        for row in await owner.fetch(_INDEXES)
        if row["is_primary"] and row["schema"] == "public"
    }
    assert primary == dict.fromkeys(TABLES, "id")


async def test_the_relations_are_the_maps(owner: asyncpg.Connection) -> None:
    found = {
        (row["table"], row["columns"], row["referred"])
        for row in await owner.fetch(_FOREIGN_KEYS)
        if row["schema"] == "public"
    }
    assert found == RELATIONS


async def test_every_index_of_the_map_is_there(owner: asyncpg.Connection) -> None:
    expected = set(NAMED_INDEXES)
    for table, columns in TABLES.items():
        names = {name for name, _ in columns}
        expected |= {(table, name) for name in COLUMN_INDEXES if name in names}
        expected |= {
            (table, both) for both in COMPOSITE_INDEXES if names.issuperset(both.split(", "))
        }
    found = {
        (row["table"], row["columns"])
        for row in await owner.fetch(_INDEXES)
        if row["schema"] == "public" and row["condition"] is None
    }
    assert expected - found == set()


async def test_one_to_one_relations_and_vendor_keys_are_unique(owner: asyncpg.Connection) -> None:
    found = {
        (row["table"], row["columns"], row["condition"])
        for row in await owner.fetch(_INDEXES)
        if row["schema"] == "public" and row["is_unique"] and not row["is_primary"]
    }
    assert found == UNIQUE


async def test_every_foreign_key_leads_an_index(owner: asyncpg.Connection) -> None:
    leading = {
        (row["schema"], row["table"], row["columns"].split(", ")[0])
        for row in await owner.fetch(_INDEXES)
        if row["condition"] is None
    }
    keys = {
        (row["schema"], row["table"], row["columns"]) for row in await owner.fetch(_FOREIGN_KEYS)
    }
    assert len(keys) > len(RELATIONS)
    assert keys - leading == set()


async def test_a_call_may_have_the_twelve_statuses_and_no_other(owner: asyncpg.Connection) -> None:
    check = await owner.fetchval(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'calls_status_check'"
    )
    quoted = [word for word in check.split("'") if word.replace("_", "").isalpha()]
    assert quoted == CALL_STATUSES


async def test_the_schema_uses_nothing_newer_than_postgresql_15(owner: asyncpg.Connection) -> None:
    newer = ("uuidv7", "uuidv4", "any_value", "json_table", "random(")
    sources = await owner.fetch(
        "select prosrc from pg_proc where pronamespace in ('app'::regnamespace)"
        " union all select pg_get_expr(adbin, adrelid) from pg_attrdef"
    )
    assert [row[0] for row in sources if any(name in row[0].lower() for name in newer)] == []
