package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Action is something that a team means to do.
type Action struct {
	Team string // id
	ID   string // random
	Task
	Seq int64     // counts its changes from 1
	At  time.Time // of the last change
	By  string
}

// MaxTitle is how many characters people may write as the title of an action.
const MaxTitle = 200

// Task is what an action says.
type Task struct {
	Checklist string // empty: about no item
	Subject   string
	Item      string
	Title     string
	Assignee  string // who does it; may be empty
	Due       string // a day such as 2027-03-31; may be empty
	State     ActionState
}

// ActionState says how far an action is.
type ActionState string

// The states of an action.
const (
	ActionOpen    ActionState = "open"
	ActionDoing   ActionState = "doing"
	ActionDone    ActionState = "done"
	ActionDropped ActionState = "dropped"
)

// ActionStates are all states, in the order of work.
var ActionStates = [...]ActionState{ActionOpen, ActionDoing, ActionDone, ActionDropped}

// Ended reports whether nothing is left to do.
func (s ActionState) Ended() bool { return s == ActionDone || s == ActionDropped }

func (t Task) check() error {
	if t.Title == "" || (t.Item != "" && t.Checklist == "") {
		return fmt.Errorf("%w: an action needs a title, and an item its checklist", ErrInvalid)
	}
	if !slices.Contains(ActionStates[:], t.State) {
		return fmt.Errorf("%w: state %q", ErrInvalid, t.State)
	}
	return errors.Join(checkDay(t.Due), checkTexts(t.Checklist, t.Subject, t.Item, t.Title, t.Assignee))
}

// checkDay refuses a text that is neither empty nor a day.
func checkDay(day string) error {
	if day == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return fmt.Errorf("%w: %q is no day such as 2027-03-31", ErrInvalid, day)
	}
	return nil
}

// PutAction keeps what a team means to do: a new action where id is empty, else
// the next version of it, which stays about what it was planned for. ErrConflict means that base is not its newest Seq; the
// action as it is now is returned with it. Saying what is kept already changes
// nothing, and neither does planning once more what is planned and not ended: a
// form sent twice is harmless. ErrNotFound means that the team has no such action.
func (s *Store) PutAction(ctx context.Context, team, id string, base int64, task Task, at time.Time, by string) (Action, error) {
	if err := errors.Join(task.check(), checkTexts(team, by)); err != nil {
		return Action{}, err
	}
	var a Action
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if id == "" {
			twin, err := plannedTwin(ctx, tx, team, task)
			if a = twin; err != nil || a.ID != "" {
				return err
			}
			a = Action{Team: team, ID: rand.Text()}
		} else {
			found, err := readActions(ctx, tx, "team = $1 AND id = $2 ORDER BY seq DESC LIMIT 1", team, id)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return fmt.Errorf("%w: action %s", ErrNotFound, id)
			}
			a = found[0]
			task.Checklist, task.Subject, task.Item = a.Checklist, a.Subject, a.Item
			if a.Task == task {
				return nil
			}
			if a.Seq != base {
				return ErrConflict
			}
		}
		a.Task, a.Seq, a.At, a.By = task, a.Seq+1, fromMillis(at.UnixMilli()), by
		return a.insert(ctx, tx)
	})
	if err != nil && !errors.Is(err, ErrConflict) {
		return Action{}, err
	}
	return a, err
}

// plannedTwin returns a team's action that says the same as a task and is not
// ended, the zero Action where there is none.
func plannedTwin(ctx context.Context, tx *sql.Tx, team string, task Task) (Action, error) {
	if task.State.Ended() {
		return Action{}, nil // it can have been done more than once
	}
	found, err := readActions(ctx, tx, `team = $1 AND title = $2
		AND seq = (SELECT max(n.seq) FROM actions n WHERE n.team = a.team AND n.id = a.id)`, team, task.Title)
	if err != nil {
		return Action{}, err
	}
	if i := slices.IndexFunc(found, func(a Action) bool { return a.Task == task }); i >= 0 {
		return found[i], nil
	}
	return Action{}, nil
}

// insert writes the row.
func (a Action) insert(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO actions ("+actionColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		a.Team, a.ID, a.Seq, a.Checklist, a.Subject, a.Item, a.Title, a.Assignee, a.Due, a.State, a.At.UnixMilli(), a.By)
	return err
}

// Actions returns a team's actions, ended ones too: first what is due first,
// those without a day last. With a time it returns them as they stood then.
func (s *Store) Actions(ctx context.Context, team string, at time.Time) ([]Action, error) {
	actions, err := readActions(ctx, s.readers, `team = $1
		AND seq = (SELECT max(n.seq) FROM actions n WHERE n.team = a.team AND n.id = a.id AND n.at <= $2)
		ORDER BY due = '', due, title, id`, team, untilMillis(at))
	return actions, s.locate(err)
}

const actionColumns = "team, id, seq, checklist, subject, item, title, assignee, due, state, at, by_name"

func readActions(ctx context.Context, q queryer, condition string, args ...any) ([]Action, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+actionColumns+" FROM actions a WHERE "+condition, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var actions []Action
	for rows.Next() {
		var a Action
		var at int64
		if err := rows.Scan(&a.Team, &a.ID, &a.Seq, &a.Checklist, &a.Subject, &a.Item, &a.Title, &a.Assignee, &a.Due, &a.State, &at, &a.By); err != nil {
			return nil, err
		}
		a.At = fromMillis(at)
		actions = append(actions, a)
	}
	return actions, rows.Err()
}

// Target is the level that a team wants to reach in a checklist.
type Target struct {
	Key          // of the team's answers
	Level int    // 0: none any more
	Due   string // a day
	Seq   int64  // counts the changes from 1
	At    time.Time
	By    string
}

func (t Target) check() error {
	if t.Checklist == "" || t.Level < 0 || (t.Level > 0 && t.Due == "") {
		return fmt.Errorf("%w: a target needs a checklist, a level and a day", ErrInvalid)
	}
	return errors.Join(checkDay(t.Due), checkTexts(t.Checklist, t.Subject))
}

// SetTarget keeps a team's target for the list of t, whose Seq, At and By are
// set by it; level 0 takes it back. What is kept already changes nothing.
func (s *Store) SetTarget(ctx context.Context, team Team, t Target, at time.Time, by string) error {
	if err := errors.Join(t.check(), checkTexts(by)); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		now, err := newestTarget(ctx, tx, team.ID, t.Key)
		if err != nil || now.Level == t.Level && (now.Due == t.Due || t.Level == 0) {
			return err
		}
		t.Seq, t.At, t.By = now.Seq+1, at, by
		return t.insert(ctx, tx, team.ID)
	})
}

// newestTarget returns Seq, Level and Due of a team's newest target for a list,
// all zero where it never had one.
func newestTarget(ctx context.Context, tx *sql.Tx, team string, k Key) (Target, error) {
	var t Target
	err := tx.QueryRowContext(ctx, `SELECT seq, level, due FROM targets WHERE team = $1 AND checklist = $2 AND subject = $3
		ORDER BY seq DESC LIMIT 1`, team, k.Checklist, k.Subject).Scan(&t.Seq, &t.Level, &t.Due)
	if errors.Is(err, sql.ErrNoRows) {
		return t, nil
	}
	return t, err
}

// insert writes the row.
func (t Target) insert(ctx context.Context, tx *sql.Tx, team string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO targets (team, checklist, subject, seq, level, due, at, by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		team, t.Checklist, t.Subject, t.Seq, t.Level, t.Due, t.At.UnixMilli(), t.By)
	return err
}

// Targets returns the targets that a team has, or had at an instant.
func (s *Store) Targets(ctx context.Context, team Team, at time.Time) (map[Key]Target, error) {
	rows, err := s.readers.QueryContext(ctx, `SELECT checklist, subject, level, due, seq, at, by_name FROM targets t
		WHERE team = $1 AND level > 0 AND seq = (SELECT max(n.seq) FROM targets n
			WHERE n.team = t.team AND n.checklist = t.checklist AND n.subject = t.subject AND n.at <= $2)`, team.ID, untilMillis(at))
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	targets := map[Key]Target{}
	for rows.Next() {
		t := Target{Key: Key{Owner: team.Owner()}}
		var at int64
		if err := rows.Scan(&t.Checklist, &t.Subject, &t.Level, &t.Due, &t.Seq, &at, &t.By); err != nil {
			return nil, s.locate(err)
		}
		t.At = fromMillis(at)
		targets[t.Key] = t
	}
	return targets, s.locate(rows.Err())
}
