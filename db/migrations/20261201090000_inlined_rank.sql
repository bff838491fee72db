-- How far a call is, as an expression that is read once: with a search path of its own each row's rank was a
-- call of a function, which cost as much as to find the row. A body that was read when it was made needs none.
create or replace function app.call_status_rank(status text) returns integer language sql immutable
return case status
    when 'initiating' then 0 when 'ringing' then 1 when 'answered' then 2 when 'waiting' then 3
    when 'talking' then 4 when 'voicemail' then 4  -- a verdict may still move a call across
    else case when status is not null then 5 end
end;
