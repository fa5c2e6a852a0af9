-- Opsbook's first schema. A migration that has shipped never changes.
-- Times are Unix milliseconds in UTC; texts are UTF-8 without NUL.

CREATE TABLE schema_version (
	version BIGINT NOT NULL -- number of the last migration applied; one row
);
INSERT INTO schema_version (version) VALUES (0);

-- Every wording of an item that somebody has answered, once.
CREATE TABLE item_texts (
	hash TEXT PRIMARY KEY,
	text TEXT NOT NULL
);

-- The log: rows are inserted and never changed. The current answer to an item
-- is its row with the highest seq.
CREATE TABLE answers (
	owner     TEXT   NOT NULL,
	checklist TEXT   NOT NULL,
	subject   TEXT   NOT NULL,
	item      TEXT   NOT NULL,
	seq       BIGINT NOT NULL,        -- 1, 2, 3... for an item
	log_id    BIGINT NOT NULL UNIQUE, -- 1, 2, 3... for the whole table
	state     TEXT   NOT NULL,        -- empty: the answer was taken back
	note      TEXT   NOT NULL,
	evidence  TEXT   NOT NULL,        -- JSON array of URLs
	at        BIGINT NOT NULL,        -- when it was given
	by_name   TEXT   NOT NULL,
	text_hash TEXT   NOT NULL REFERENCES item_texts (hash),
	origin    TEXT   NOT NULL,        -- empty: given here
	PRIMARY KEY (owner, checklist, subject, item, seq)
);

-- Derived from answers, in the same transaction: one row for each list that
-- somebody has begun, so that overviews never read the log.
CREATE TABLE summaries (
	owner     TEXT   NOT NULL,
	checklist TEXT   NOT NULL,
	subject   TEXT   NOT NULL,
	answers   TEXT   NOT NULL, -- current answers, one a line: item, state, seq, at, start of text_hash
	answered  BIGINT NOT NULL, -- items with a state
	changes   BIGINT NOT NULL, -- rows in the log
	last_at   BIGINT NOT NULL, -- of the row with the highest log_id, as the next two
	last_by   TEXT   NOT NULL,
	log_id    BIGINT NOT NULL,
	PRIMARY KEY (owner, checklist, subject)
);
