package store

import (
	"context"
	"database/sql"
	"time"
)

// InsightKind says how a search was in vain.
type InsightKind string

// The kinds of insights.
const (
	FoundNothing InsightKind = "none"   // no page was found
	OpenedNone   InsightKind = "unread" // pages were found and none was opened
)

// insightDays is how long insights are kept.
const insightDays = 90

// Insight is a search that was in vain, summed over the days that are kept.
type Insight struct {
	Query string
	Kind  InsightKind
	Times int64
	Last  string // day, as 2026-11-24
}

// AddInsight adds to the count of a query on the day of at, and forgets days that
// are too old. The caller has made sure that the query names nobody.
func (s *Store) AddInsight(ctx context.Context, query string, kind InsightKind, times int, at time.Time) error {
	day := at.UTC().Format(time.DateOnly)
	oldest := at.UTC().AddDate(0, 0, -insightDays).Format(time.DateOnly)
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM insights WHERE day < $1", oldest); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO insights (day, query, kind, times) VALUES ($1, $2, $3, $4)
			ON CONFLICT (day, query, kind) DO UPDATE SET times = insights.times + excluded.times`, day, query, kind, times)
		return err
	})
}

// Insights returns what was searched in vain in the 90 days before at, the most
// frequent first, at most limit queries.
func (s *Store) Insights(ctx context.Context, at time.Time, limit int) ([]Insight, error) {
	oldest := at.UTC().AddDate(0, 0, -insightDays).Format(time.DateOnly)
	rows, err := s.readers.QueryContext(ctx, `
		SELECT query, kind, sum(times), max(day) FROM insights WHERE day >= $1
		GROUP BY query, kind ORDER BY sum(times) DESC, max(day) DESC, query LIMIT $2`, oldest, limit)
	if err != nil {
		return nil, s.locate(err)
	}
	defer rows.Close()
	var out []Insight
	for rows.Next() {
		var i Insight
		if err := rows.Scan(&i.Query, &i.Kind, &i.Times, &i.Last); err != nil {
			return nil, s.locate(err)
		}
		out = append(out, i)
	}
	return out, s.locate(rows.Err())
}
