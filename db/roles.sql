-- Our own roles; idempotent, because roles belong to the whole cluster and outlive a database.
-- talking_service holds the rights of the workers and has no way round row level security.
-- The two logins inherit nothing: a statement that forgets to set its role fails closed, and a
-- request's connection can never become the service. talking_retention owns the function that deletes
-- what is old; nobody logs in as it.

do $$
begin
    if not exists (select from pg_roles where rolname = 'talking_service') then
        create role talking_service nologin noinherit;
    end if;
    if not exists (select from pg_roles where rolname = 'talking_retention') then
        create role talking_retention nologin noinherit;
        execute format('grant talking_retention to %I', current_user);  -- who makes it an owner
    end if;
    if not exists (select from pg_roles where rolname = 'talking_request') then
        create role talking_request login noinherit;
        grant authenticated, anon to talking_request;
    end if;
    if not exists (select from pg_roles where rolname = 'talking_worker') then
        create role talking_worker login noinherit;
        grant talking_service to talking_worker;
    end if;
end
$$;
