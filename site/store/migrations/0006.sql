-- What stood at an instant, read from the index alone: its columns are all that a
-- score needs. Without it each row of an owner's log is looked up where it lies,
-- which is far from the others.
CREATE INDEX answers_then ON answers (owner, checklist, subject, item, seq, at, state, text_hash);
