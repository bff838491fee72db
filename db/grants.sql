-- All rights of all roles but the owner: whatever is not here is refused. `talking migrate` runs it
-- after the migrations. Written by `make grants` from what the statements of db/ need; end users
-- (`authenticated`, `anon`) read what row level security shows them, and the queue's library works
-- as `talking_worker` on its own tables.

revoke all on app.admin_views, app.agents, app.api_keys, app.audio_tickets, app.audit_anchors,
    app.audit_chain, app.audit_head, app.audit_log, app.audit_pending, app.billing,
    app.billing_turns, app.call_details, app.call_journal, app.call_notes, app.call_tags,
    app.clear_rows, app.complaints, app.consents, app.conversation_details, app.costs,
    app.email_details, app.erasures, app.event_groups, app.events, app.exports,
    app.former_customers, app.idempotency, app.inbox, app.legal_holds, app.media_tokens,
    app.message_details, app.nodes, app.number_proofs, app.opt_outs, app.own_addresses,
    app.person_keys, app.pgqueuer, app.pgqueuer_log, app.pgqueuer_schedules,
    app.pgqueuer_statistics, app.plan_change_details, app.plan_prices, app.profiles,
    app.recording_pieces, app.recordings, app.relay, app.reservations, app.retention_kinds,
    app.retention_runs, app.scheduled_calls, app.schema_migrations, app.sealed_columns,
    app.stop_questions, app.strangers, app.streams, app.stripe_events, app.tickets, app.velocity,
    app.webhook_deliveries, app.webhook_lanes, app.webhooks, public.amd_waiting_room, public.calls,
    public.emails, public.plan_changes, public.sms_conversations, public.sms_messages,
    public.subscription_events, public.subscription_plans, public.subscriptions,
    public.usage_tracking, public.users from public, anon, authenticated, service_role,
    talking_request, talking_service, talking_worker, talking_retention;
revoke all on sequence app.audit_pending_seq_seq, app.message_details_seq_seq, app.pgqueuer_id_seq,
    app.pgqueuer_log_id_seq, app.pgqueuer_schedules_id_seq, app.pgqueuer_statistics_id_seq,
    app.webhook_deliveries_place_seq from public, anon, authenticated, service_role,
    talking_request, talking_service, talking_worker, talking_retention;
revoke all on function app.attend_webhook_lane(uuid,text,boolean), app.call_status_rank(text),
    app.copy_view(app.admin_views), app.copy_views(), app.delete_with_calls(), app.deliver_events(),
    app.erase_person(uuid), app.erase_rows(uuid,integer,text[],bytea[],text[],text[]),
    app.event_data(text,jsonb), app.fn_pgqueuer_changed(), app.forget_audit(timestamp with time
    zone), app.forget_programs(), app.forget_scheduled_calls(), app.give_back_key(uuid,text,uuid),
    app.give_back_turn(text,uuid), app.is_sealed(bytea), app.is_sealed(jsonb), app.is_sealed(text),
    app.keep_audit(), app.keep_holds(), app.keep_message_content(), app.on_auth_user_created(),
    app.opt_in(text), app.opt_in(text[]), app.pace(text[],integer[],integer[],uuid),
    app.plan_in_force(uuid,timestamp with time zone), app.put_sealed(text,jsonb),
    app.refuse_change(), app.register_user(uuid,text), app.remember_prices(),
    app.reserve_usage(uuid,text,uuid,text), app.rfc3339(timestamp with time zone),
    app.seal_email(uuid,text,text), app.set_updated_at(), app.settle_usage(text,uuid,boolean),
    app.withdraw_once() from public, anon, authenticated, service_role, talking_request,
    talking_service, talking_worker, talking_retention;
grant select, delete on app.admin_views to talking_retention;
grant select, insert (id, slug, name, instructions, greeting, voice, language, limit_seconds,
    voicemail_message, enabled, builtin_tools, transfer_to, tools, recogniser, language_model,
    call_budget, follows_caller), update (name, instructions, greeting, voice, language,
    limit_seconds, voicemail_message, enabled, rev, updated_at, deleted_at, builtin_tools,
    transfer_to, tools, recogniser, language_model, call_budget, follows_caller) on app.agents to
    talking_service;
grant select, insert (id, user_id, key_hash, hint, name, scopes, requests_per_minute, expires_at),
    update (last_used_at, expires_at, revoked_at, successor_id) on app.api_keys to talking_service;
grant select, delete on app.api_keys to talking_retention;
grant select, insert (token_hash, call_id, user_id, takeover, expires_at, session_id, ends_at),
    update (used_at) on app.audio_tickets to talking_service;
grant select, delete on app.audio_tickets to talking_retention;
grant select, insert on app.audit_anchors to talking_service;
grant select, insert on app.audit_chain to talking_service;
grant select (place, hash, key_id, signature), update (place, hash, key_id, signature) on
    app.audit_head to talking_service;
grant select, insert (actor_kind, actor_id, actor_name, action, user_id, subject, request_id,
    address_hash, reason, data) on app.audit_log to talking_service;
grant select, insert (log_id), delete on app.audit_pending to talking_service;
grant select (user_id, stripe_subscription_id, past_due_since, entitled_until, ends_at), insert
    (user_id, stripe_subscription_id, past_due_since, entitled_until, ends_at), update
    (stripe_subscription_id, past_due_since, entitled_until, ends_at, synced_at) on app.billing to
    talking_service;
grant select, insert, update (holder, until) on app.billing_turns to talking_service;
grant select, delete on app.billing_turns to talking_retention;
grant select, insert (call_id, user_id, dial_state, idempotency_key, owner_node, lease_until,
    number_hash, topic_hash, direction, scheduled_id), update (answered_by, end_reason, dial_state,
    owner_node, epoch, lease_until, recording, language) on app.call_details to talking_service;
grant select, delete on app.call_details to talking_retention;
grant select, insert (call_id, seq, at, last_seq, entries) on app.call_journal to talking_service;
grant select, delete on app.call_journal to talking_retention;
grant select, insert (id, call_id, user_id, author_id, text), update (text, updated_at), delete on
    app.call_notes to talking_service;
grant select, insert (id, call_id, user_id, tag, tag_hash), delete on app.call_tags to
    talking_service;
grant select, insert, update (none_left_at) on app.clear_rows to talking_service;
grant select (user_id, at), insert (user_id, email_id) on app.complaints to talking_service;
grant select, delete on app.complaints to talking_retention;
grant select, insert (id, user_id, channel, address, wording, source, address_hash, wording_id,
    wording_version, language, request_id), update (withdrawn_at) on app.consents to
    talking_service;
grant select, insert (conversation_id, user_id, is_own, idempotency_key, number_hash, topic_hash,
    agent_id), update (is_open, end_reason, last_out, rev, last_at) on app.conversation_details to
    talking_service;
grant select, delete on app.conversation_details to talking_retention;
grant select, insert (subject, user_id, month, channel, what, unit, quantity, amount, currency),
    update (quantity, amount) on app.costs to talking_service;
grant select, delete on app.costs to talking_retention;
grant select, insert (email_id, user_id, state, idempotency_key, template, variables, html,
    unsubscribe_token, reply_token, in_reply_to, recipient_hash, topic_hash, agent_id), update
    (state, state_at, html, delivery, error, failures, rev) on app.email_details to talking_service;
grant select, delete on app.email_details to talking_retention;
grant select, insert (user_id, asked_by), update (steps, remarks, done_at) on app.erasures to
    talking_service;
grant select, insert (user_id, first_seq, last_seq, at), update (gseq) on app.event_groups to
    talking_service;
grant select, delete on app.event_groups to talking_retention;
grant select, insert (user_id, seq, type, v, ts, subject, rev, cause, body) on app.events to
    talking_service;
grant select, delete on app.events to talking_retention;
grant select, insert (user_id), update (ready_at, expires_at, counts) on app.exports to
    talking_service;
grant select, delete on app.exports to talking_retention;
grant select (customer_id, user_id), insert (customer_id, user_id) on app.former_customers to
    talking_service;
grant select, insert (user_id, key, fingerprint, holder, held_until), update (fingerprint, status,
    body, created_at, holder, held_until) on app.idempotency to talking_service;
grant select, delete on app.idempotency to talking_retention;
grant select, insert (provider, key, call_id, kind, form) on app.inbox to talking_service;
grant select, delete on app.inbox to talking_retention;
grant select, insert (user_id, reason, set_by), update (lifted_by, lifted_because, lifted_at) on
    app.legal_holds to talking_service;
grant select on app.legal_holds to talking_retention;
grant select (token_hash), insert on app.media_tokens to talking_service;
grant select, delete on app.media_tokens to talking_retention;
grant select, insert (message_id, conversation_id, state, idempotency_key, segments, media), update
    (state, state_at, answered_by, carrier_status, error_code, failures) on app.message_details to
    talking_service;
grant select, delete on app.message_details to talking_retention;
grant select, insert (node, started_at, state, stats, lease_until), update (started_at, seen_at,
    state, stats, lease_until) on app.nodes to talking_service;
grant select, delete on app.nodes to talking_retention;
grant select, insert (user_id, number, code_hash, expires_at), update (number, code_hash, tries,
    expires_at, is_preferred) on app.number_proofs to talking_service;
grant select, delete on app.number_proofs to talking_retention;
grant select, insert (address, reason, because_of) on app.opt_outs to talking_service;
grant select, insert (user_id, address, address_hash), update (seen_at, is_preferred) on
    app.own_addresses to talking_service;
grant select (user_id, destroyed_at), update (wrapped, destroyed_at) on app.person_keys to
    talking_service;
grant select (user_id, key_id, wrapped, master_key_id), insert (user_id, key_id, wrapped,
    master_key_id), update (wrapped, master_key_id) on app.person_keys to talking_worker;
grant select (execute_after, status, entrypoint), insert (priority, execute_after, status,
    entrypoint, payload) on app.pgqueuer to talking_service;
grant select, insert, update, delete on app.pgqueuer to talking_worker;
grant select, insert, update, delete on app.pgqueuer_log to talking_worker;
grant select, delete on app.pgqueuer_log to talking_retention;
grant select, insert, update, delete on app.pgqueuer_schedules to talking_worker;
grant select, insert, update, delete on app.pgqueuer_statistics to talking_worker;
grant select, delete on app.pgqueuer_statistics to talking_retention;
grant select, insert (plan_change_id, to_interval, takes_effect, is_sent, by_checkout), update
    (is_sent, checkout_session_id) on app.plan_change_details to talking_service;
grant select (price_id, plan_id, billing_interval) on app.plan_prices to talking_service;
grant select, insert, update (time_zone, name, language) on app.profiles to talking_service;
grant select, insert on app.recording_pieces to talking_service;
grant select, delete on app.recording_pieces to talking_retention;
grant select, insert (call_id, user_id, agreed_at, words, wording_id, wording_version, language) on
    app.recordings to talking_service;
grant select, delete on app.recordings to talking_retention;
grant select (epoch, top), update (top) on app.relay to talking_service;
grant select (user_id, metric, month_year, subject_id, state, reserved_at) on app.reservations to
    talking_service;
grant select, delete on app.reservations to talking_retention;
grant select (kind, floor) on app.retention_kinds to talking_service;
grant select on app.retention_kinds to talking_retention;
grant select, insert (node), update (seen_at, ended_at, kinds) on app.retention_runs to
    talking_service;
grant select, delete on app.retention_runs to talking_retention;
grant select, insert (id, user_id, phone_number, topic, agent, starts_at, next_at, batch_id,
    idempotency_key), update (next_at, status, attempts, reason, call_id, updated_at) on
    app.scheduled_calls to talking_service;
grant select, delete on app.scheduled_calls to talking_retention;
grant select (version, checksum) on app.schema_migrations to talking_service;
grant select, insert (id, address, address_hash), update (answered_at) on app.stop_questions to
    talking_service;
grant select, delete on app.stop_questions to talking_retention;
grant select, insert (phone_number), update (answered_at) on app.strangers to talking_service;
grant select, delete on app.strangers to talking_retention;
grant select, insert (user_id, top), update (top) on app.streams to talking_service;
grant select, insert (event_id, type, api_version, created, customer_id, payload), update
    (customer_id, processed_at, attempts, error, retry_at, set_aside_at) on app.stripe_events to
    talking_service;
grant select, delete on app.stripe_events to talking_retention;
grant select, insert (token_hash, claims, expires_at), update (used_at) on app.tickets to
    talking_service;
grant select, delete on app.tickets to talking_retention;
grant select, insert on app.velocity to talking_service;
grant select, delete on app.velocity to talking_retention;
grant select, insert (id, webhook_id, user_id, subject, type, body), update (body, state, attempts,
    due_at, delivered_at, log) on app.webhook_deliveries to talking_service;
grant select, delete on app.webhook_deliveries to talking_retention;
grant select, update (claimed_by, claimed_until), delete on app.webhook_lanes to talking_service;
grant select, insert (id, user_id, url, types, secret), update (url, types, secret, former_secret,
    former_until, failing_since, disabled_at, disabled_reason), delete on app.webhooks to
    talking_service;
grant select on public.amd_waiting_room to authenticated;
grant select (call_id, status), insert (user_id, call_id, status), update (status) on
    public.amd_waiting_room to talking_service;
grant select, delete on public.amd_waiting_room to talking_retention;
grant select on public.calls to authenticated;
grant select, insert (id, user_id, user_phone_number, topic, twilio_call_sid, status, ringing_time),
    update (twilio_call_sid, status, ringing_time, answered_time, ended_time, duration_seconds) on
    public.calls to talking_service;
grant select, delete on public.calls to talking_retention;
grant select on public.emails to authenticated;
grant select, insert (id, user_id, recipient_email, from_email, subject, content, type, topic,
    status), update (content, status, sendgrid_message_id) on public.emails to talking_service;
grant select, delete on public.emails to talking_retention;
grant select on public.plan_changes to authenticated;
grant select, insert (id, user_id, from_plan_id, to_plan_id, change_type, requested_at,
    effective_date, status, stripe_subscription_id, notes), update (effective_date, status, notes)
    on public.plan_changes to talking_service;
grant select on public.sms_conversations to authenticated;
grant select, insert (id, user_id, phone_number, topic), update (message_count, current_exchange,
    status) on public.sms_conversations to talking_service;
grant select, delete on public.sms_conversations to talking_retention;
grant select on public.sms_messages to authenticated;
grant select, insert (id, conversation_id, user_id, phone_number, twilio_message_sid, direction,
    message_text, type), update (twilio_message_sid, status) on public.sms_messages to
    talking_service;
grant select, delete on public.sms_messages to talking_retention;
grant select on public.subscription_events to authenticated;
grant select, insert (user_id, event_type, from_plan, to_plan, stripe_subscription_id,
    stripe_event_id, stripe_customer_id, billing_amount, currency, billing_interval, effective_date,
    metadata) on public.subscription_events to talking_service;
grant select on public.subscription_plans to anon;
grant select on public.subscription_plans to authenticated;
grant select (id, name, description, stripe_price_id_monthly, stripe_price_id_yearly,
    phone_calls_limit, text_chains_limit, emails_limit, price_monthly, price_yearly, features,
    is_active, sort_order) on public.subscription_plans to talking_service;
grant select on public.subscriptions to authenticated;
grant select, insert (user_id, stripe_subscription_id, tier, status, current_period_start,
    current_period_end), update (stripe_subscription_id, tier, status, current_period_start,
    current_period_end) on public.subscriptions to talking_service;
grant select on public.usage_tracking to authenticated;
grant select (user_id, month_year, calls_used, texts_used, emails_used) on public.usage_tracking to
    talking_service;
grant select, delete on public.usage_tracking to talking_retention;
grant select on public.users to authenticated;
grant select, update (subscription_plan_id, subscription_status, billing_cycle_start,
    billing_cycle_end, stripe_customer_id, billing_interval) on public.users to talking_service;
grant select on public.users to talking_retention;
grant usage on sequence app.pgqueuer_id_seq to talking_service;
grant usage on sequence app.pgqueuer_id_seq to talking_worker;
grant usage on sequence app.pgqueuer_schedules_id_seq to talking_worker;
grant usage on sequence app.pgqueuer_statistics_id_seq to talking_worker;
grant execute on function app.attend_webhook_lane(uuid,text,boolean) to talking_service;
grant execute on function app.call_status_rank(text) to talking_retention;
grant execute on function app.call_status_rank(text) to talking_service;
grant execute on function app.erase_person(uuid) to talking_service;
grant execute on function app.erase_rows(uuid,integer,text[],bytea[],text[],text[]) to
    talking_service;
grant execute on function app.event_data(text,jsonb) to talking_service;
grant execute on function app.give_back_key(uuid,text,uuid) to talking_service;
grant execute on function app.give_back_turn(text,uuid) to talking_service;
grant execute on function app.is_sealed(bytea) to talking_service;
grant execute on function app.is_sealed(jsonb) to talking_service;
grant execute on function app.is_sealed(text) to talking_service;
grant execute on function app.opt_in(text) to talking_service;
grant execute on function app.opt_in(text[]) to talking_service;
grant execute on function app.pace(text[],integer[],integer[],uuid) to talking_service;
grant execute on function app.plan_in_force(uuid,timestamp with time zone) to talking_service;
grant execute on function app.put_sealed(text,jsonb) to talking_service;
grant execute on function app.register_user(uuid,text) to talking_service;
grant execute on function app.reserve_usage(uuid,text,uuid,text) to talking_service;
grant execute on function app.rfc3339(timestamp with time zone) to talking_service;
grant execute on function app.seal_email(uuid,text,text) to talking_service;
grant execute on function app.settle_usage(text,uuid,boolean) to talking_service;
