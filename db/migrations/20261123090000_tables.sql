-- The eleven tables of the database map, in its order of columns. Indexes follow the map too: one on
-- every user_id and created_at, the named single ones, and the three composite ones wherever a table
-- has the columns. Unique indexes are the map's one-to-one relations and the vendors' natural keys.

create table public.subscription_plans (
    id text primary key,
    name text not null,
    description text,
    stripe_price_id_monthly text,
    stripe_price_id_yearly text,
    phone_calls_limit integer not null check (phone_calls_limit >= -1),
    text_chains_limit integer not null check (text_chains_limit >= -1),
    emails_limit integer not null check (emails_limit >= -1),
    price_monthly numeric not null check (price_monthly >= 0),
    price_yearly numeric not null check (price_yearly >= 0),
    features jsonb not null default '[]' check (jsonb_typeof(features) = 'array'),
    is_active boolean not null default true,
    sort_order integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index subscription_plans_is_active_idx on public.subscription_plans (is_active);
create index subscription_plans_created_at_idx on public.subscription_plans (created_at);

-- No foreign key to auth.users: erasing a person leaves an emptied row here, for the audit trail.
create table public.users (
    id uuid primary key default gen_random_uuid(),
    email text,
    subscription_plan_id text not null default 'free' references public.subscription_plans (id),
    subscription_status text not null default 'active' check (subscription_status in (
        'active', 'trialing', 'past_due', 'canceled', 'incomplete', 'incomplete_expired', 'unpaid',
        'paused')),
    billing_cycle_start timestamptz,
    billing_cycle_end timestamptz,
    stripe_customer_id text,
    billing_interval text check (billing_interval in ('monthly', 'yearly')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index users_subscription_plan_id_idx on public.users (subscription_plan_id);
create unique index users_stripe_customer_id_key on public.users (stripe_customer_id);
create index users_created_at_idx on public.users (created_at);

create table public.subscriptions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    stripe_subscription_id text,
    tier text not null default 'free' check (tier in ('free', 'pro', 'premium')),
    status text not null default 'active' check (status in (
        'active', 'trialing', 'past_due', 'canceled', 'incomplete', 'incomplete_expired', 'unpaid',
        'paused')),
    current_period_start timestamptz,
    current_period_end timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
-- Stripe opens a new subscription after each cancellation: one live row, and history beside it.
create unique index subscriptions_one_live_key on public.subscriptions (user_id)
    where status not in ('canceled', 'incomplete_expired');
create unique index subscriptions_stripe_subscription_id_key
    on public.subscriptions (stripe_subscription_id);
create index subscriptions_user_id_idx on public.subscriptions (user_id);
create index subscriptions_created_at_idx on public.subscriptions (created_at);
create index subscriptions_user_id_status_idx on public.subscriptions (user_id, status);
create index subscriptions_user_id_created_at_idx on public.subscriptions (user_id, created_at);

create table public.calls (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    user_phone_number text not null,
    topic text not null,
    twilio_call_sid text,
    status text not null default 'initiating' check (status in (
        'initiating', 'ringing', 'answered', 'waiting', 'talking', 'voicemail', 'ended', 'busy',
        'no_answer', 'failed', 'canceled', 'lost')),
    initiated_time timestamptz not null default now(),
    ringing_time timestamptz,
    answered_time timestamptz,
    ended_time timestamptz,
    duration_seconds integer check (duration_seconds >= 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index calls_twilio_call_sid_key on public.calls (twilio_call_sid);
create index calls_status_idx on public.calls (status);
create index calls_user_id_idx on public.calls (user_id);
create index calls_created_at_idx on public.calls (created_at);
create index calls_user_id_status_idx on public.calls (user_id, status);
create index calls_user_id_created_at_idx on public.calls (user_id, created_at);

create table public.emails (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    recipient_email text not null,
    from_email text not null,
    subject text not null,
    content text not null,
    type text not null check (type in ('custom', 'template')),
    topic text,
    status text not null default 'pending' check (status in ('pending', 'sent', 'failed')),
    sendgrid_message_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index emails_sendgrid_message_id_key on public.emails (sendgrid_message_id);
create index emails_status_idx on public.emails (status);
create index emails_user_id_idx on public.emails (user_id);
create index emails_created_at_idx on public.emails (created_at);
create index emails_user_id_status_idx on public.emails (user_id, status);
create index emails_user_id_created_at_idx on public.emails (user_id, created_at);

create table public.sms_conversations (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    phone_number text not null,
    topic text not null,
    message_count integer not null default 0 check (message_count >= 0),
    current_exchange integer not null default 0 check (current_exchange >= 0),
    status text not null default 'active' check (status in ('active', 'paused', 'ended')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index sms_conversations_user_id_idx on public.sms_conversations (user_id);
create index sms_conversations_created_at_idx on public.sms_conversations (created_at);
create index sms_conversations_user_id_status_idx on public.sms_conversations (user_id, status);
create index sms_conversations_user_id_created_at_idx
    on public.sms_conversations (user_id, created_at);

-- status is null until the carrier has taken an outgoing message: the map has no word for "not yet".
create table public.sms_messages (
    id uuid primary key default gen_random_uuid(),
    conversation_id uuid not null references public.sms_conversations (id) on delete cascade,
    user_id uuid not null references public.users (id),
    phone_number text not null,
    twilio_message_sid text,
    direction text not null check (direction in ('inbound', 'outbound')),
    message_text text not null,
    type text not null check (type in ('ai', 'user')),
    status text check (status in ('sent', 'delivered', 'failed')),
    created_at timestamptz not null default now()
);
create unique index sms_messages_twilio_message_sid_key on public.sms_messages (twilio_message_sid);
create index sms_messages_conversation_id_idx on public.sms_messages (conversation_id);
create index sms_messages_direction_idx on public.sms_messages (direction);
create index sms_messages_user_id_idx on public.sms_messages (user_id);
create index sms_messages_created_at_idx on public.sms_messages (created_at);
create index sms_messages_user_id_status_idx on public.sms_messages (user_id, status);
create index sms_messages_user_id_created_at_idx on public.sms_messages (user_id, created_at);

create table public.subscription_events (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    event_type text not null,
    from_plan text,
    to_plan text,
    stripe_subscription_id text,
    stripe_event_id text,
    stripe_customer_id text,
    billing_amount numeric,
    currency text not null default 'usd',
    billing_interval text check (billing_interval in ('monthly', 'yearly')),
    effective_date date,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now()
);
create unique index subscription_events_stripe_event_id_key
    on public.subscription_events (stripe_event_id);
create index subscription_events_event_type_idx on public.subscription_events (event_type);
create index subscription_events_user_id_idx on public.subscription_events (user_id);
create index subscription_events_created_at_idx on public.subscription_events (created_at);
create index subscription_events_user_id_created_at_idx
    on public.subscription_events (user_id, created_at);

create table public.plan_changes (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    from_plan_id varchar(50) not null,
    to_plan_id varchar(50) not null,
    change_type varchar(20) not null
        check (change_type in ('upgrade', 'downgrade', 'interval_change')),
    requested_at timestamptz not null default now(),
    effective_date date,
    status varchar(20) not null default 'pending'
        check (status in ('pending', 'completed', 'cancelled', 'failed')),
    stripe_subscription_id varchar(255),
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
-- The latest request replaces the one before it: never two pending.
create unique index plan_changes_one_pending_key on public.plan_changes (user_id)
    where status = 'pending';
create index plan_changes_user_id_idx on public.plan_changes (user_id);
create index plan_changes_created_at_idx on public.plan_changes (created_at);
create index plan_changes_user_id_status_idx on public.plan_changes (user_id, status);
create index plan_changes_user_id_created_at_idx on public.plan_changes (user_id, created_at);

create table public.usage_tracking (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    month_year text not null check (month_year ~ '^\d{4}-(0[1-9]|1[0-2])$'),
    calls_used integer not null default 0 check (calls_used >= 0),
    texts_used integer not null default 0 check (texts_used >= 0),
    emails_used integer not null default 0 check (emails_used >= 0)
);
create unique index usage_tracking_user_id_month_year_key
    on public.usage_tracking (user_id, month_year);
create index usage_tracking_user_id_idx on public.usage_tracking (user_id);
create index usage_tracking_month_year_idx on public.usage_tracking (month_year);

create table public.amd_waiting_room (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id),
    call_id uuid not null references public.calls (id) on delete cascade,
    status text not null default 'waiting' check (status in ('waiting', 'processing', 'completed')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index amd_waiting_room_call_id_key on public.amd_waiting_room (call_id);
create index amd_waiting_room_user_id_idx on public.amd_waiting_room (user_id);
create index amd_waiting_room_created_at_idx on public.amd_waiting_room (created_at);
create index amd_waiting_room_user_id_status_idx on public.amd_waiting_room (user_id, status);
create index amd_waiting_room_user_id_created_at_idx
    on public.amd_waiting_room (user_id, created_at);

insert into public.subscription_plans (id, name, description, phone_calls_limit, text_chains_limit,
    emails_limit, price_monthly, price_yearly, features, sort_order)
values
    ('free', 'Free', 'Try one of each, every month.', 1, 1, 1, 0, 0,
     '["1 call a month", "1 text conversation a month", "1 e-mail a month"]', 1),
    ('pro', 'Pro', 'For a talk every week.', 5, 10, -1, 8.99, 79.99,
     '["5 calls a month", "10 text conversations a month", "Unlimited e-mails"]', 2),
    ('premium', 'Premium', 'Talk as much as you like.', -1, -1, -1, 14.99, 119.99,
     '["Unlimited calls", "Unlimited text conversations", "Unlimited e-mails"]', 3);
