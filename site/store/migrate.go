package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations returns the SQL of migrations/0001.sql, 0002.sql… in order.
func migrations() []string {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is well-formed
	}
	scripts := make([]string, len(names))
	for i, name := range names {
		script, err := migrationFiles.ReadFile(name)
		if err != nil {
			panic(err) // an embed.FS cannot fail to read
		}
		scripts[i] = string(script)
	}
	return scripts
}

// migrate applies the migrations that the database does not have yet, each in
// its own transaction together with the new version number.
func (s *Store) migrate(ctx context.Context) error {
	for {
		current, err := s.migrateOnce(ctx)
		if err != nil || current {
			return err
		}
	}
}

// migrateOnce reports whether the schema was already current, and otherwise
// applies one migration. The version is read under the write lock: of two
// programs that start at once, one migrates and the other finds it done.
func (s *Store) migrateOnce(ctx context.Context) (current bool, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		version, err := s.version(ctx, tx)
		if err != nil {
			return err
		}
		if version == len(s.migrations) {
			current = true
			return nil
		}
		if _, err := tx.ExecContext(ctx, s.migrations[version]); err != nil {
			return fmt.Errorf("migration %04d: %w", version+1, err)
		}
		_, err = tx.ExecContext(ctx, "UPDATE schema_version SET version = $1", version+1)
		return err
	})
	return current, err
}

// version returns the number of the last migration applied, 0 for an empty database.
func (s *Store) version(ctx context.Context, q queryer) (int, error) {
	var tables, ours int
	const count = "SELECT count(*), count(CASE WHEN name = 'schema_version' THEN 1 END) FROM sqlite_master"
	if err := q.QueryRowContext(ctx, count).Scan(&tables, &ours); err != nil {
		return 0, err
	}
	if tables == 0 {
		return 0, nil
	}
	if ours == 0 {
		return 0, errors.New("this is another program's database: choose another data folder")
	}
	return s.knownVersion(ctx, q)
}

// knownVersion returns the version of a database that has one. ErrNewer means
// that a newer program has migrated it.
func (s *Store) knownVersion(ctx context.Context, q queryer) (int, error) {
	var version int
	if err := q.QueryRowContext(ctx, "SELECT version FROM schema_version").Scan(&version); err != nil {
		return 0, err
	}
	if version > len(s.migrations) {
		return 0, fmt.Errorf("%w: its schema has version %d and this program knows versions up to %d; start the newer program again, or restore a backup made before the upgrade",
			ErrNewer, version, len(s.migrations))
	}
	return version, nil
}
