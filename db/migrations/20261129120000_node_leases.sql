-- A node's calls are its own for as long as the node is heard of, so that a beat writes one row however
-- many calls it has. A call's own lease_until is only the time before which nobody takes it for abandoned.
alter table app.nodes add column lease_until timestamptz;
