create table effects (
    event_id uuid not null,
    subject  uuid not null,
    label    text not null
);
create table things (
    id      uuid primary key,
    name    text not null check (length(name) between 1 and 50),
    version bigint not null
);
