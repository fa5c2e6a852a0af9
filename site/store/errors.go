package store

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors that callers tell apart with errors.Is. With each of them nothing was
// written, except that ErrFull leaves it open when the disk failed at the very
// end of a write: the answer is then there completely or not at all, and may
// simply be sent again.
var (
	ErrConflict = errors.New("it has changed meanwhile")
	ErrInvalid  = errors.New("invalid")
	ErrNotFound = errors.New("not found")
	ErrEnded    = errors.New("it has ended")
	ErrTooMany  = errors.New("there are as many as there may be")
	ErrFull     = errors.New("disk full, failing or read-only")
	ErrBusy     = errors.New("locked by another program for too long")
	ErrNewer    = errors.New("the database belongs to a newer version of Opsbook")
)

// explain gives an error of SQLite the sentinel or the advice that belongs to
// it. Other errors, and nil, are returned as they are.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff { // the upper bits say more than is needed here
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("damaged or not a database; restore a backup, or move the file away to begin with an empty one: %w", err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("must be a file that this user may write, in a folder that this user may write: %w", err)
	}
	return err
}

// locate is explain for errors that do not name the file yet.
func (s *Store) locate(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("%s: %w", s.file, explain(err))
}
