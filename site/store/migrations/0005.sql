-- Rounds: several people answer one checklist at the same time, each for
-- themselves. A workshop takes votes, which are revealed and talked about. A
-- survey takes ballots, and nothing here may tell who said what, or when.

CREATE TABLE rounds (
	id          TEXT   PRIMARY KEY, -- random
	team        TEXT   NOT NULL REFERENCES teams (id),
	code        TEXT   NOT NULL UNIQUE, -- short, to join with
	checklist   TEXT   NOT NULL,
	subject     TEXT   NOT NULL,
	title       TEXT   NOT NULL, -- may be empty
	survey      BIGINT NOT NULL, -- 1: a survey
	opened_at   BIGINT NOT NULL,
	opened_by   TEXT   NOT NULL,
	revealed_at BIGINT NOT NULL, -- of a workshop; 0: not yet
	closed_at   BIGINT NOT NULL, -- 0: not yet
	places      BIGINT NOT NULL, -- of a survey: how many may answer
	members     BIGINT NOT NULL, -- who had joined at the reveal; of a survey the ballots in round_counts
	pending     TEXT   NOT NULL  -- of a survey: answers that are not in round_counts yet, see below
);
CREATE INDEX rounds_by_team ON rounds (team, opened_at);

-- Who takes part in a workshop: the hash of a cookie made for this round alone.
-- Deleted when the round is closed, as are the votes.
CREATE TABLE round_members (
	round  TEXT NOT NULL REFERENCES rounds (id),
	member TEXT NOT NULL,
	PRIMARY KEY (round, member)
);

CREATE TABLE round_votes (
	round  TEXT NOT NULL,
	member TEXT NOT NULL,
	item   TEXT NOT NULL,
	state  TEXT NOT NULL,
	PRIMARY KEY (round, member, item),
	FOREIGN KEY (round, member) REFERENCES round_members (round, member)
);

-- What was answered, without who: written at the reveal of a workshop, and for a
-- survey in batches.
CREATE TABLE round_counts (
	round TEXT   NOT NULL REFERENCES rounds (id),
	item  TEXT   NOT NULL,
	state TEXT   NOT NULL,
	votes BIGINT NOT NULL,
	PRIMARY KEY (round, item, state)
);

-- The places of a survey. All rows are there from the beginning, in no order;
-- whoever joins gets one drawn by lot, whose random token gives way to the hash
-- of their own. So neither a row's place in the table (SQLite counts rows as they
-- are inserted) nor its key tells who came when, and no row has a time. When the
-- survey is closed they are deleted.
--
-- A ballot marks its place as used and adds its answers to rounds.pending, in one
-- transaction. That text counts, for each item and state, how many of the ballots
-- waiting there gave it: JSON with its keys sorted, which is the same whatever
-- the order in which they came, and does not even tell which answers are of one
-- person. When five ballots wait, and at the close, they go to round_counts, all
-- of whose rows for the round are then written anew in the order of their keys.
--
-- What was there before is overwritten, not only released (secure_delete), and
-- after each ballot the write-ahead log, where the versions of a page follow each
-- other, is emptied into the database. This protects from whoever gets the file,
-- today or in an old backup. It does not protect from somebody who copies the
-- file after every single ballot: where that is to be feared, use paper.
CREATE TABLE round_places (
	round TEXT   NOT NULL REFERENCES rounds (id),
	token TEXT   NOT NULL,
	state BIGINT NOT NULL, -- 0 free, 1 taken, 2 used
	PRIMARY KEY (round, token)
);
