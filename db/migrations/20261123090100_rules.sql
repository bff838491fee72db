-- What the eleven tables let happen: updated_at, immutable rows, row level security and grants.
-- End users only read: their own rows, or every row for an administrator. All writing is done by
-- talking_service, which gets the commands it needs and no way round row level security.

create function app.set_updated_at() returns trigger language plpgsql set search_path = '' as $$
begin
    new.updated_at = now();
    return new;
end
$$;

create function app.refuse_change() returns trigger language plpgsql set search_path = '' as $$
begin
    raise exception '% rows are immutable', tg_table_name using errcode = 'restrict_violation';
end
$$;

create function app.keep_message_content() returns trigger
language plpgsql set search_path = '' as $$
begin
    if to_jsonb(new) - array['status', 'twilio_message_sid']
            is distinct from to_jsonb(old) - array['status', 'twilio_message_sid']
        or (old.twilio_message_sid is not null
            and new.twilio_message_sid is distinct from old.twilio_message_sid)
    then
        raise exception 'sms_messages: only status and a first twilio_message_sid may change'
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;

create trigger keep_message_content before update on public.sms_messages
    for each row execute function app.keep_message_content();
create trigger refuse_change before update or delete on public.subscription_events
    for each row execute function app.refuse_change();
create trigger refuse_truncate before truncate on public.subscription_events
    for each statement execute function app.refuse_change();

-- Older Supabase projects grant new tables to these roles by default; here nothing is granted unseen.
revoke all on public.users, public.subscription_plans, public.subscriptions, public.calls,
    public.emails, public.sms_conversations, public.sms_messages, public.subscription_events,
    public.plan_changes, public.usage_tracking, public.amd_waiting_room
    from anon, authenticated, service_role;

do $$
declare
    name text;
    owner_column text;
begin
    foreach name in array array['users', 'subscription_plans', 'subscriptions', 'calls', 'emails',
        'sms_conversations', 'plan_changes', 'amd_waiting_room']
    loop
        execute format('create trigger set_updated_at before update on public.%I for each row '
            'when (old.* is distinct from new.*) execute function app.set_updated_at()', name);
    end loop;

    foreach name in array array['users', 'subscriptions', 'calls', 'emails', 'sms_conversations',
        'sms_messages', 'subscription_events', 'plan_changes', 'usage_tracking', 'amd_waiting_room']
    loop
        owner_column := case name when 'users' then 'id' else 'user_id' end;
        execute format('alter table public.%I enable row level security', name);
        execute format('grant select on public.%I to authenticated', name);
        -- One policy for both, not two: each permissive policy is run for every row. The selects
        -- make the claims a value computed once per statement.
        execute format('create policy own_or_admin on public.%I for select to authenticated using ('
            '(select auth.uid()) = %I or '
            '((select auth.jwt()) -> ''app_metadata'' ->> ''role'') = ''admin'')',
            name, owner_column);
        execute format('create policy service on public.%I to talking_service '
            'using (true) with check (true)', name);
    end loop;
end
$$;

alter table public.subscription_plans enable row level security;
grant select on public.subscription_plans to anon, authenticated, talking_service;
create policy offered_or_admin on public.subscription_plans for select to anon, authenticated
    using (is_active or ((select auth.jwt()) -> 'app_metadata' ->> 'role') = 'admin');
create policy service on public.subscription_plans for select to talking_service using (true);

grant usage on schema public, app to talking_service;
grant select, update on public.users to talking_service;
grant select, insert, update on public.subscriptions, public.plan_changes to talking_service;
grant select, insert, update, delete on public.calls, public.emails, public.sms_conversations,
    public.amd_waiting_room to talking_service;
grant select, insert, delete on public.sms_messages to talking_service;
grant update (status, twilio_message_sid) on public.sms_messages to talking_service;
grant select, insert on public.subscription_events to talking_service;
grant select, delete on public.usage_tracking to talking_service;
