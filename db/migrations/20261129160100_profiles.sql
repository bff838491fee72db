-- What users say of themselves. time_zone is a name of the tz database.
create table app.profiles (
    user_id uuid primary key references public.users (id),
    time_zone text
);
grant select, insert on app.profiles to talking_service;
grant update (time_zone) on app.profiles to talking_service;
