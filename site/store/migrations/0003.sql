-- What people searched for in vain, counted by day. It names nobody, and a query
-- is written only after two different readers asked it on one day.

CREATE TABLE insights (
	day     TEXT   NOT NULL, -- 2026-11-24, UTC
	query   TEXT   NOT NULL, -- lower case
	kind    TEXT   NOT NULL, -- none: nothing was found; unread: nothing found was opened
	times   BIGINT NOT NULL,
	PRIMARY KEY (day, query, kind)
);
