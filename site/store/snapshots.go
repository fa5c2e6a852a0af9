package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Snapshot is what a team's answers were at a moment, under a name.
type Snapshot struct {
	Team string // id
	ID   string // random
	Name string
	At   time.Time // the moment it shows
	Made time.Time
	By   string
	Hash string // SHA-256 of Body, hexadecimal
	Body string // an export; empty in lists
}

// MaxSnapshot is the most bytes that the body of a snapshot has.
const MaxSnapshot = 16 << 20

// TakeSnapshot keeps a snapshot for ever and returns it with its ID and Hash.
func (s *Store) TakeSnapshot(ctx context.Context, n Snapshot) (Snapshot, error) {
	if n.Name == "" || n.At.IsZero() || n.Made.IsZero() || len(n.Body) == 0 || len(n.Body) > MaxSnapshot {
		return Snapshot{}, fmt.Errorf("%w: a snapshot needs a name, its times and a body of at most %d bytes", ErrInvalid, MaxSnapshot)
	}
	if err := checkTexts(n.Name, n.By); err != nil {
		return Snapshot{}, err
	}
	sum := sha256.Sum256([]byte(n.Body))
	n.ID, n.Hash = rand.Text(), hex.EncodeToString(sum[:])
	n.At, n.Made = fromMillis(n.At.UnixMilli()), fromMillis(n.Made.UnixMilli())
	return n, s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO team_snapshots (team, id, name, at, made_at, by_name, hash, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			n.Team, n.ID, n.Name, n.At.UnixMilli(), n.Made.UnixMilli(), n.By, n.Hash, n.Body)
		return err
	})
}

// Snapshots returns a team's snapshots without their bodies, the last made first.
func (s *Store) Snapshots(ctx context.Context, team string) ([]Snapshot, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT "+snapshotColumns+", '' FROM team_snapshots WHERE team = $1 ORDER BY made_at DESC, id", team)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	var out []Snapshot
	for rows.Next() {
		n, err := scanSnapshot(rows.Scan)
		if err != nil {
			return nil, s.locate(err)
		}
		out = append(out, n)
	}
	return out, s.locate(rows.Err())
}

// Snapshot returns one snapshot of a team. ErrNotFound means that there is none.
func (s *Store) Snapshot(ctx context.Context, team, id string) (Snapshot, error) {
	n, err := scanSnapshot(s.readers.QueryRowContext(ctx, "SELECT "+snapshotColumns+", body FROM team_snapshots WHERE team = $1 AND id = $2", team, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Snapshot{}, fmt.Errorf("%w: snapshot %s", ErrNotFound, id)
	}
	return n, s.locate(err)
}

const snapshotColumns = "team, id, name, at, made_at, by_name, hash"

func scanSnapshot(scan func(dest ...any) error) (Snapshot, error) {
	var n Snapshot
	var at, made int64
	err := scan(&n.Team, &n.ID, &n.Name, &at, &made, &n.By, &n.Hash, &n.Body)
	n.At, n.Made = fromMillis(at), fromMillis(made)
	return n, err
}

// Sighting names a wording of an item that is being served.
type Sighting struct{ Checklist, Item, TextHash string }

// Saw notes the wordings that are served at a time and were not before, and
// returns when each item of each checklist was first served, in any wording.
func (s *Store) Saw(ctx context.Context, sightings []Sighting, at time.Time) (map[string]map[string]time.Time, error) {
	known := map[Sighting]bool{}
	first := map[string]map[string]time.Time{}
	saw := func(g Sighting, at time.Time) {
		known[g] = true
		if first[g.Checklist] == nil {
			first[g.Checklist] = map[string]time.Time{}
		}
		if was, ok := first[g.Checklist][g.Item]; !ok || at.Before(was) {
			first[g.Checklist][g.Item] = at
		}
	}
	rows, err := s.readers.QueryContext(ctx, "SELECT checklist, item, text_hash, at FROM item_sightings")
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var g Sighting
		var millis int64
		if err := rows.Scan(&g.Checklist, &g.Item, &g.TextHash, &millis); err != nil {
			return nil, s.locate(err)
		}
		saw(g, fromMillis(millis))
	}
	if err := rows.Err(); err != nil {
		return nil, s.locate(err)
	}
	var fresh []Sighting
	for _, g := range sightings {
		if !known[g] {
			fresh = append(fresh, g)
			saw(g, fromMillis(at.UnixMilli()))
		}
	}
	if len(fresh) == 0 {
		return first, nil
	}
	return first, s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, g := range fresh {
			_, err := tx.ExecContext(ctx, "INSERT INTO item_sightings (checklist, item, text_hash, at) VALUES ($1, $2, $3, $4) ON CONFLICT (checklist, item, text_hash) DO NOTHING",
				g.Checklist, g.Item, g.TextHash, at.UnixMilli())
			if err != nil {
				return err
			}
		}
		return nil
	})
}
