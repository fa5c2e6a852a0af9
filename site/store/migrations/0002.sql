-- What readers have marked as read: a log like that of the answers.

CREATE TABLE reads (
	owner TEXT   NOT NULL,
	page  TEXT   NOT NULL, -- path
	seq   BIGINT NOT NULL, -- 1, 2, 3... for a page
	state TEXT   NOT NULL, -- read or unread
	at    BIGINT NOT NULL,
	PRIMARY KEY (owner, page, seq)
);
