package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Import is what is added to a team at once.
type Import struct {
	Answers []NewAnswer // the team's, by the rules of AppendAnswers
	Actions []Action    // that the team has not, each with an ID
	Targets []Target    // for lists for which the team has none
}

// NewTeam returns a team that is not kept yet: Import keeps it.
func NewTeam(slug string, p Profile) Team {
	return Team{ID: rand.Text(), Slug: slug, Profile: p}
}

// Import adds all of it or nothing. A team of NewTeam is created, at the time and
// by whom it says; its slug must be free. ErrConflict means that something was
// written meanwhile: an answer has another base, the team has such an action or
// target, was archived, or another team took the slug.
func (s *Store) Import(ctx context.Context, team Team, in Import, at time.Time, by string) error {
	for i := range in.Answers {
		if err := in.Answers[i].check(); err != nil {
			return fmt.Errorf("answer %d: %w", i+1, err)
		}
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := readyForImport(ctx, tx, team, at, by); err != nil {
			return err
		}
		if err := appendAll(ctx, tx, in.Answers); err != nil {
			return err
		}
		for _, a := range in.Actions {
			a.Team, a.Seq = team.ID, 1
			if err := a.addTo(ctx, tx); err != nil {
				return fmt.Errorf("action %q: %w", a.Title, err)
			}
		}
		for _, t := range in.Targets {
			if err := t.addTo(ctx, tx, team); err != nil {
				return fmt.Errorf("target for %s: %w", t.Checklist, err)
			}
		}
		return nil
	})
}

// readyForImport creates the team where it is new, and otherwise sees that it can
// still be written to.
func readyForImport(ctx context.Context, tx *sql.Tx, team Team, at time.Time, by string) error {
	if team.Seq > 0 {
		now, err := readTeam(ctx, tx, "p.team = $1", team.ID)
		if err == nil && now.Archived {
			err = fmt.Errorf("%w: the team is archived", ErrConflict)
		}
		return err
	}
	slug := team.Slug
	if err := team.create(ctx, tx, slug, team.Profile, at, by); err != nil {
		return err
	}
	if team.Slug != slug {
		return fmt.Errorf("%w: another team has the address %s", ErrConflict, slug)
	}
	return nil
}

// addTo writes an action that the team must not have yet.
func (a Action) addTo(ctx context.Context, tx *sql.Tx) error {
	if a.ID == "" {
		return fmt.Errorf("%w: it has no id", ErrInvalid)
	}
	if err := errors.Join(a.check(), checkTexts(a.ID, a.By)); err != nil {
		return err
	}
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM actions WHERE team = $1 AND id = $2", a.Team, a.ID).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return ErrConflict
	}
	return a.insert(ctx, tx)
}

// addTo writes a target for a list for which the team must have none.
func (t Target) addTo(ctx context.Context, tx *sql.Tx, team Team) error {
	if t.Level == 0 {
		return fmt.Errorf("%w: it has no level", ErrInvalid)
	}
	if err := errors.Join(t.check(), checkTexts(t.By)); err != nil {
		return err
	}
	now, err := newestTarget(ctx, tx, team.ID, t.Key)
	if err != nil {
		return err
	}
	if now.Level > 0 {
		return ErrConflict
	}
	t.Seq = now.Seq + 1
	return t.insert(ctx, tx, team.ID)
}
