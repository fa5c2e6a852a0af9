-- Teams. An id is random and for ever; what a team is called and says of itself
-- is a log like that of the answers. Every address (slug) that a team ever had
-- stays its own, so that old links lead to it.

CREATE TABLE teams (
	id         TEXT   PRIMARY KEY,
	created_at BIGINT NOT NULL
);

CREATE TABLE team_slugs (
	slug TEXT PRIMARY KEY,
	team TEXT NOT NULL REFERENCES teams (id)
);

CREATE TABLE team_profiles (
	team        TEXT   NOT NULL REFERENCES teams (id),
	seq         BIGINT NOT NULL, -- 1, 2, 3... for a team
	slug        TEXT   NOT NULL REFERENCES team_slugs (slug),
	name        TEXT   NOT NULL,
	description TEXT   NOT NULL,
	group_names TEXT   NOT NULL, -- JSON array, sorted
	archived    BIGINT NOT NULL, -- 1: archived
	at          BIGINT NOT NULL,
	by_name     TEXT   NOT NULL,
	PRIMARY KEY (team, seq)
);

-- What a team wants to do about an item, or about nothing in particular: a log.
CREATE TABLE actions (
	team      TEXT   NOT NULL REFERENCES teams (id),
	id        TEXT   NOT NULL, -- random
	seq       BIGINT NOT NULL, -- 1, 2, 3... for an action
	checklist TEXT   NOT NULL, -- empty: about no item
	subject   TEXT   NOT NULL,
	item      TEXT   NOT NULL,
	title     TEXT   NOT NULL,
	assignee  TEXT   NOT NULL, -- who does it; may be empty
	due       TEXT   NOT NULL, -- 2027-03-31; may be empty
	state     TEXT   NOT NULL, -- open, doing, done or dropped
	at        BIGINT NOT NULL,
	by_name   TEXT   NOT NULL,
	PRIMARY KEY (team, id, seq)
);

-- The level that a team wants to reach in a checklist, and by when: a log.
CREATE TABLE targets (
	team      TEXT   NOT NULL REFERENCES teams (id),
	checklist TEXT   NOT NULL,
	subject   TEXT   NOT NULL,
	seq       BIGINT NOT NULL, -- 1, 2, 3... for a list
	level     BIGINT NOT NULL, -- 0: none any more
	due       TEXT   NOT NULL, -- 2027-03-31
	at        BIGINT NOT NULL,
	by_name   TEXT   NOT NULL,
	PRIMARY KEY (team, checklist, subject, seq)
);

-- A team's answers as they stood at a moment, under a name. The body never
-- changes, whatever becomes of the checklists.
CREATE TABLE team_snapshots (
	team    TEXT   NOT NULL REFERENCES teams (id),
	id      TEXT   NOT NULL, -- random
	name    TEXT   NOT NULL,
	at      BIGINT NOT NULL, -- the moment it shows
	made_at BIGINT NOT NULL,
	by_name TEXT   NOT NULL,
	hash    TEXT   NOT NULL, -- SHA-256 of body, hexadecimal
	body    TEXT   NOT NULL, -- an export, in JSON
	PRIMARY KEY (team, id)
);

-- When each wording of an item was first served, to tell what is new from what
-- was never answered.
CREATE TABLE item_sightings (
	checklist TEXT   NOT NULL,
	item      TEXT   NOT NULL,
	text_hash TEXT   NOT NULL,
	at        BIGINT NOT NULL,
	PRIMARY KEY (checklist, item, text_hash)
);

-- An owner's log in its order, a page at a time.
CREATE INDEX answers_by_owner ON answers (owner, log_id);
