// Package store keeps in one SQLite file what people answer. It is the only
// package with SQL.
//
// Answers are an append-only log: a row is inserted and never changed or
// deleted. Within an item rows are counted by seq (1, 2, 3…), and the current
// answer is the row with the highest seq, whatever its time says, because clocks
// jump. All rows together are ordered by a log id, which has no gaps. One summary
// row for each Key is derived from the log in the transaction of the answer, so
// that overviews do not read the log.
//
// A write is one immediate transaction, synced to disk before it returns:
// an answer for which AppendAnswer returned nil survives a crash of the program
// and of the machine, and one that was not written completely is not there.
//
// Writes of one Store wait for each other; reads go on beside them. Several
// programs may open the same folder, because everything a write decides (the
// newest seq, the next log id, the schema's version) it reads inside its own
// transaction. They must run on one machine: SQLite's shared memory does not
// reach across a network.
//
// The SQL is such that PostgreSQL would take it too; only opening, pragmas and
// error codes are SQLite's own.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

const (
	fileName    = "opsbook.db"
	maxReaders  = 8               // each may keep 2 MB of pages
	busyTimeout = 5 * time.Second // of waiting for another program's lock
)

// Store is an open database. All its methods may be called from any number of
// goroutines. Make one with Open.
type Store struct {
	file       string
	identity   os.FileInfo // of file when it was opened
	migrations []string
	writer     *sql.DB // one connection
	readers    *sql.DB
	unsettled  atomic.Bool // the log may tell the order of ballots; see settle
}

// Open opens the database opsbook.db in the folder dir, creates both where they
// are missing (readable by their owner only) and brings the schema up to date.
// It returns ErrNewer for a database that a newer program has migrated, and
// otherwise an error that names the file and says what is wrong with it.
// The caller closes the Store.
func Open(ctx context.Context, dir string) (*Store, error) {
	return open(ctx, dir, migrations())
}

func open(ctx context.Context, dir string, migrations []string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{file: filepath.Join(dir, fileName), migrations: migrations}
	s.unsettled.Store(true) // a program that crashed may have left something
	if err := s.prepareFile(); err != nil {
		return nil, fmt.Errorf("open store %s: %w", s.file, err)
	}
	s.writer = pool(1, s.dsn("rw", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"))
	s.readers = pool(maxReaders, s.dsn("ro", "query_only(1)"))
	if err := s.start(ctx); err != nil {
		// The first error says what is wrong; closing an unusable database adds nothing.
		_, _ = s.readers.Close(), s.writer.Close()
		return nil, fmt.Errorf("open store %s: %w", s.file, explain(err))
	}
	return s, nil
}

func pool(connections int, dsn string) *sql.DB {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		panic(err) // the driver is there, since this package imports it, and nothing is opened yet
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

// prepareFile makes the folder and an empty database file where they are missing.
func (s *Store) prepareFile() error {
	if err := os.MkdirAll(filepath.Dir(s.file), 0o700); err != nil {
		return err
	}
	// SQLite takes an empty database for a new one and deletes the log of the old
	// one. The log is looked at first: a database has its first page before it
	// has a log, so another program that is just creating both is not mistaken.
	if log, err := os.Stat(s.file + "-wal"); err == nil && log.Size() > 0 {
		if db, err := os.Stat(s.file); err != nil || db.Size() == 0 {
			return fmt.Errorf("the database is lost, but its log %s-wal is still there: restore both from one backup, or move the log away to begin with an empty database", fileName)
		}
	}
	// Created here for its mode, which SQLite gives to the files beside it. An
	// existing file is not opened, because closing it again would drop all locks
	// that this process has on it.
	f, err := os.OpenFile(s.file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func (s *Store) start(ctx context.Context) error {
	// While another program is making the same new database a WAL one, SQLite is
	// busy at once, without regard to the busy timeout.
	giveUp := time.Now().Add(busyTimeout)
	err := s.migrate(ctx)
	for errors.Is(explain(err), ErrBusy) && time.Now().Before(giveUp) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
			err = s.migrate(ctx)
		}
	}
	if err != nil {
		return err
	}
	if s.identity, err = os.Stat(s.file); err != nil {
		return err
	}
	return s.Ping(ctx)
}

// dsn returns the data source name for the database with SQLite's open mode and
// pragmas, which are applied in this order to every connection.
func (s *Store) dsn(mode string, pragmas ...string) string {
	path := filepath.ToSlash(s.file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/… on Windows
	}
	query := url.Values{
		"mode":      {mode},
		"_txlock":   {"immediate"},
		"_dqs":      {"0"}, // "x" is a name, never a text
		"_error_rc": {"1"},
		// First, since the others may have to wait for another program's lock.
		"_pragma": append([]string{fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())}, pragmas...),
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// Close waits for the write in progress, moves everything into the one file
// opsbook.db and closes it. Later calls return an error.
func (s *Store) Close() error {
	err := s.readers.Close()
	// Closing the last connection does this too, but says nothing when it cannot.
	_, checkpoint := s.writer.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	err = errors.Join(err, checkpoint, s.writer.Close())
	if err != nil {
		return fmt.Errorf("close store %s: %w", s.file, explain(err))
	}
	return nil
}

// Ping reports whether answers can be read: the file is still the one that was
// opened and its schema is the one this program knows. It does not write, so it
// stays well when the disk is full.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.checkFile(); err != nil {
		return err
	}
	_, err := s.knownVersion(ctx, s.readers)
	return s.locate(err)
}

// checkFile reports a database that was deleted or replaced under the running
// program: what is written then goes nowhere.
func (s *Store) checkFile() error {
	now, err := os.Stat(s.file)
	if err == nil && os.SameFile(now, s.identity) {
		return nil
	}
	return fmt.Errorf("%s was removed or replaced while it was open: restart", s.file)
}

// write runs f in one transaction that is durable when write returns nil; if f
// returns an error nothing is changed. A done ctx ends the wait for this Store's
// earlier writes. What has begun is finished, so that a reader who hangs up never
// leaves in doubt whether an answer was kept; another program's lock is waited
// for no longer than the busy timeout.
func (s *Store) write(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	if err := s.checkFile(); err != nil {
		return err
	}
	return s.locate(s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		// A newer program may have migrated the database since it was opened.
		if _, err := s.knownVersion(ctx, tx); err != nil {
			return err
		}
		return f(ctx, tx)
	}))
}

func (s *Store) transact(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()

	ctx = context.WithoutCancel(ctx)
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		_ = tx.Rollback() // nothing is left to undo after Commit, or after an error on which SQLite rolls back itself
	}()
	if err := f(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// queryer is the reading side of *sql.DB and *sql.Tx.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
