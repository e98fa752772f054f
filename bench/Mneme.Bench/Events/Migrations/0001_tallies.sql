-- What the events of the benchmark have their effects on: one of ten thousand rows each.
create table tallies (
    id integer primary key,
    n  bigint not null
);
insert into tallies (id, n) select i, 0 from generate_series(1, 10000) as i;
