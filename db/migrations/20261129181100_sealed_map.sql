-- What may be put in place of values in clear from before in the data map's tables, and the hashes of
-- it beside their details.
insert into app.sealed_columns (relation, name, is_beside) values
    ('public.users', 'email', false),
    ('public.calls', 'user_phone_number', false),
    ('public.calls', 'topic', false),
    ('public.sms_conversations', 'phone_number', false),
    ('public.sms_conversations', 'topic', false),
    ('public.sms_messages', 'phone_number', false),
    ('public.sms_messages', 'message_text', false),
    ('public.emails', 'recipient_email', false),
    ('public.emails', 'from_email', false),
    ('public.emails', 'subject', false),
    ('public.emails', 'content', false),
    ('public.emails', 'topic', false),
    ('app.call_details', 'number_hash', true),
    ('app.call_details', 'topic_hash', true),
    ('app.conversation_details', 'phone_number', false),
    ('app.conversation_details', 'number_hash', true),
    ('app.conversation_details', 'topic_hash', true),
    ('app.email_details', 'recipient_hash', true),
    ('app.email_details', 'topic_hash', true);
