package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"opsbook/content"
)

// Team is a named group that answers together.
type Team struct {
	ID      string // random and permanent
	Slug    string // its address now; earlier ones lead to it too
	Created time.Time
	Profile
	Seq int64     // of the profile, 1 for the first
	At  time.Time // when the profile was written
	By  string
}

// Owner is whose answers a team's are.
func (t Team) Owner() string { return "t:" + t.ID }

// Profile is what a team is called and says of itself.
type Profile struct {
	Name        string
	Description string
	Groups      []string // in any order; kept sorted, each once
	Archived    bool
}

// CreateTeam makes a team. Its slug is the wanted one, with a number behind it
// where another team has or had that address.
func (s *Store) CreateTeam(ctx context.Context, slug string, p Profile, at time.Time, by string) (Team, error) {
	t := NewTeam(slug, p)
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return t.create(ctx, tx, slug, p, at, by)
	})
	if err != nil {
		return Team{}, err
	}
	return t, nil
}

// create writes a new team with its first profile.
func (t *Team) create(ctx context.Context, tx *sql.Tx, slug string, p Profile, at time.Time, by string) error {
	t.Created = fromMillis(at.UnixMilli())
	if _, err := tx.ExecContext(ctx, "INSERT INTO teams (id, created_at) VALUES ($1, $2)", t.ID, at.UnixMilli()); err != nil {
		return err
	}
	return t.revise(ctx, tx, slug, p, at, by)
}

// ReviseTeam gives a team a new profile and, where slug is not empty, an address
// made of it. ErrConflict means that base is not the newest profile's Seq; the
// team as it is now is returned with it. A profile that changes nothing is not
// kept, and is no error. ErrNotFound means that there is no such team.
func (s *Store) ReviseTeam(ctx context.Context, id string, base int64, slug string, p Profile, at time.Time, by string) (Team, error) {
	var t Team
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		if t, err = readTeam(ctx, tx, "p.team = $1", id); err != nil {
			return err
		}
		if slug == "" {
			slug = t.Slug
		}
		p.Groups = sortedSet(p.Groups)
		if t.Profile.equal(p) && isSlugFor(t.Slug, slug) {
			return nil
		}
		if base != t.Seq {
			return ErrConflict
		}
		return t.revise(ctx, tx, slug, p, at, by)
	})
	if err != nil && !errors.Is(err, ErrConflict) {
		return Team{}, err
	}
	return t, err
}

// isSlugFor reports whether a slug is the wanted one, or it with a number.
func isSlugFor(slug, wanted string) bool {
	rest, ok := strings.CutPrefix(slug, wanted)
	if !ok || rest == "" {
		return ok
	}
	_, err := strconv.Atoi(strings.TrimPrefix(rest, "-"))
	return err == nil && rest[0] == '-'
}

// Limits of what a team says of itself.
const (
	MaxAbout  = 1000 // characters
	MaxGroups = 20
)

// Problem says in a sentence what is wrong with what people said of a team; empty: nothing.
func (p Profile) Problem() string {
	switch {
	case p.Name == "":
		return "Give the team a name."
	case !strings.ContainsFunc(p.Name, visible):
		return "A name needs a letter, a digit or a sign that can be seen."
	case !content.OneLine(p.Name, content.MaxName):
		return fmt.Sprintf("A name is one line of at most %d characters.", content.MaxName)
	case utf8.RuneCountInString(p.Description) > MaxAbout:
		return fmt.Sprintf("A description has at most %d characters.", MaxAbout)
	case len(p.Groups) > MaxGroups || slices.ContainsFunc(p.Groups, func(g string) bool { return !content.OneLine(g, content.MaxName) }):
		return fmt.Sprintf("A team is in at most %d groups, each of at most %d characters; separate them with commas.", MaxGroups, content.MaxName)
	}
	return ""
}

// visible reports whether a character leaves ink, so that a link can be met.
func visible(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

func (p Profile) equal(other Profile) bool {
	return p.Name == other.Name && p.Description == other.Description && slices.Equal(p.Groups, other.Groups) && p.Archived == other.Archived
}

// check reports what a profile must not be.
func (p Profile) check(slug string) error {
	for _, f := range append([]string{p.Name, slug}, p.Groups...) {
		if strings.TrimSpace(f) == "" {
			return fmt.Errorf("%w: a team needs a name and an address, and so do its groups", ErrInvalid)
		}
	}
	return checkTexts(append([]string{p.Name, slug, p.Description}, p.Groups...)...)
}

// checkTexts reports texts that are none, or too long to be kept.
func checkTexts(texts ...string) error {
	size := 0
	for _, text := range texts {
		size += len(text)
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Errorf("%w: %q is not a text", ErrInvalid, text)
		}
	}
	if size > MaxAnswer {
		return fmt.Errorf("%w: %d bytes are more than %d", ErrInvalid, size, MaxAnswer)
	}
	return nil
}

// revise writes the next profile of t and makes t what it is then.
func (t *Team) revise(ctx context.Context, tx *sql.Tx, slug string, p Profile, at time.Time, by string) error {
	p.Groups = sortedSet(p.Groups)
	if err := errors.Join(p.check(slug), checkTexts(by)); err != nil {
		return err
	}
	groups, err := json.Marshal(append([]string{}, p.Groups...)) // [], not null
	if err != nil {
		return err
	}
	slug, err = claimSlug(ctx, tx, t.ID, slug)
	if err != nil {
		return err
	}
	t.Slug, t.Profile, t.Seq, t.At, t.By = slug, p, t.Seq+1, fromMillis(at.UnixMilli()), by
	archived := 0
	if p.Archived {
		archived = 1
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO team_profiles (team, seq, slug, name, description, group_names, archived, at, by_name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		t.ID, t.Seq, slug, p.Name, p.Description, string(groups), archived, at.UnixMilli(), by)
	return err
}

// claimSlug takes the slug for a team, or the first of slug-2, slug-3… that is
// free or already the team's.
func claimSlug(ctx context.Context, tx *sql.Tx, team, slug string) (string, error) {
	for n := 1; ; n++ {
		candidate := slug
		if n > 1 {
			candidate = fmt.Sprintf("%s-%d", slug, n)
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO team_slugs (slug, team) VALUES ($1, $2) ON CONFLICT (slug) DO NOTHING", candidate, team)
		if err != nil {
			return "", err
		}
		var owner string
		if err := tx.QueryRowContext(ctx, "SELECT team FROM team_slugs WHERE slug = $1", candidate).Scan(&owner); err != nil {
			return "", err
		}
		if owner == team {
			return candidate, nil
		}
	}
}

// sortedSet returns the texts in order, each once.
func sortedSet(texts []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(texts)))
}

const teamColumns = "t.id, t.created_at, p.slug, p.name, p.description, p.group_names, p.archived, p.seq, p.at, p.by_name"

func scanTeam(scan func(dest ...any) error) (Team, error) {
	var t Team
	var created, at, archived int64
	var groups string
	if err := scan(&t.ID, &created, &t.Slug, &t.Name, &t.Description, &groups, &archived, &t.Seq, &at, &t.By); err != nil {
		return Team{}, err
	}
	t.Created, t.At, t.Archived = fromMillis(created), fromMillis(at), archived == 1
	if err := json.Unmarshal([]byte(groups), &t.Groups); err != nil {
		return Team{}, fmt.Errorf("groups %q: %w", groups, err)
	}
	return t, nil
}

// readTeam returns the one team for which the condition on its newest profile p holds.
func readTeam(ctx context.Context, q queryer, condition string, args ...any) (Team, error) {
	t, err := scanTeam(q.QueryRowContext(ctx, "SELECT "+teamColumns+` FROM team_profiles p JOIN teams t ON t.id = p.team
		WHERE `+condition+" ORDER BY p.seq DESC LIMIT 1", args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Team{}, fmt.Errorf("%w: team", ErrNotFound)
	}
	return t, err
}

// TeamAt returns the team that has or had the address; its Slug is the address
// it has now. ErrNotFound means that no team ever had it.
func (s *Store) TeamAt(ctx context.Context, slug string) (Team, error) {
	t, err := readTeam(ctx, s.readers, "p.team = (SELECT team FROM team_slugs WHERE slug = $1)", slug)
	return t, s.locate(err)
}

// Team returns the team with the id. ErrNotFound means that there is none.
func (s *Store) Team(ctx context.Context, id string) (Team, error) {
	t, err := readTeam(ctx, s.readers, "p.team = $1", id)
	return t, s.locate(err)
}

// Teams returns all teams as they are, archived ones too, by name. With a time
// it returns those that there were then, with the profiles they had.
func (s *Store) Teams(ctx context.Context, at time.Time) ([]Team, error) {
	return s.profiles(ctx, `p.seq = (SELECT max(n.seq) FROM team_profiles n WHERE n.team = p.team AND n.at <= $1)
		ORDER BY lower(p.name), p.slug`, untilMillis(at))
}

// Profiles returns everything a team was called and said of itself, newest first.
func (s *Store) Profiles(ctx context.Context, id string) ([]Team, error) {
	return s.profiles(ctx, "p.team = $1 ORDER BY p.seq DESC", id)
}

func (s *Store) profiles(ctx context.Context, condition string, args ...any) ([]Team, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT "+teamColumns+" FROM team_profiles p JOIN teams t ON t.id = p.team WHERE "+condition, args...)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	var teams []Team
	for rows.Next() {
		t, err := scanTeam(rows.Scan)
		if err != nil {
			return nil, s.locate(err)
		}
		teams = append(teams, t)
	}
	return teams, s.locate(rows.Err())
}
