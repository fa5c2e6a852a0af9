package store

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"opsbook/content"
)

// BenchmarkAppendAnswer is one durable answer to a list of 30 items.
func BenchmarkAppendAnswer(b *testing.B) {
	s := openTest(b, b.TempDir())
	base := make(map[string]int64)
	for i := 0; b.Loop(); i++ {
		n := newAnswer(fmt.Sprintf("item-%d", i%30), "yes")
		n.Base, n.Note = base[n.Item], fmt.Sprint("changed ", i)
		a, err := s.AppendAnswer(b.Context(), n)
		if err != nil {
			b.Fatal(err)
		}
		base[n.Item] = a.Seq
	}
}

// BenchmarkAnswers reads a list of 30 items out of a log of 50,000 rows: one of
// a hundred teams', and one that holds the whole log itself.
func BenchmarkAnswers(b *testing.B) {
	for _, teams := range []int{100, 1} {
		b.Run(fmt.Sprint(teams, "-teams"), func(b *testing.B) {
			s := openTest(b, b.TempDir())
			fillLog(b, s, teams, 1, 30, 50_000)
			k := Key{Owner: "t:0", Checklist: "checklists/0"}
			for name, at := range map[string]time.Time{"now": {}, "past": time.UnixMilli(25_000)} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						answers, err := s.Answers(b.Context(), k, at)
						if err != nil || len(answers) != 30 {
							b.Fatal(len(answers), err)
						}
					}
				})
			}
		})
	}
}

// BenchmarkPast reads what stood at an instant out of 500,000 rows of 200 teams:
// of one team, of all, and one team's whole timeline.
func BenchmarkPast(b *testing.B) {
	s := openTest(b, b.TempDir())
	owners := fillLog(b, s, 200, 16, 30, 500_000)
	b.Run("team-month", func(b *testing.B) { // a 24th of all rows is younger
		for b.Loop() {
			stands, err := s.Stands(b.Context(), time.UnixMilli(500_000-500_000/24), owners[7])
			if err != nil || len(stands) != 16 {
				b.Fatal(len(stands), err)
			}
		}
	})
	b.Run("team", func(b *testing.B) {
		for b.Loop() {
			stands, err := s.Stands(b.Context(), time.UnixMilli(400_000), owners[7])
			if err != nil || len(stands) != 16 {
				b.Fatal(len(stands), err)
			}
		}
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			stands, err := s.Stands(b.Context(), time.UnixMilli(400_000), owners...)
			if err != nil || len(stands) != 3_200 {
				b.Fatal(len(stands), err)
			}
		}
	})
	b.Run("timeline", func(b *testing.B) {
		for b.Loop() {
			timeline, err := s.Timeline(b.Context(), owners[7], "")
			if err != nil || len(timeline.Keys()) != 16 {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSummaries is the overview of an organisation: 200 teams, 16 lists of
// 30 items each.
func BenchmarkSummaries(b *testing.B) {
	s := openTest(b, b.TempDir())
	owners := fillLog(b, s, 200, 16, 30, 200*16*30)
	for _, decode := range []bool{false, true} {
		b.Run(fmt.Sprintf("decode=%v", decode), func(b *testing.B) {
			for b.Loop() {
				summaries, err := s.Summaries(b.Context(), owners...)
				if err != nil || len(summaries) != 3_200 {
					b.Fatal(len(summaries), err)
				}
				for i := 0; decode && i < len(summaries); i++ {
					if answers, err := summaries[i].Answers(); err != nil || len(answers) != 30 {
						b.Fatal(len(answers), err)
					}
				}
			}
		})
	}
}

// fillLog writes rows answers, dated 0, 1, 2… ms, in turn to each of the teams'
// lists and items, and returns the teams.
func fillLog(b *testing.B, s *Store, teams, lists, items, rows int) (owners []string) {
	for t := range teams {
		owners = append(owners, fmt.Sprint("t:", t))
	}
	err := s.write(b.Context(), func(ctx context.Context, tx *sql.Tx) error {
		n := newAnswer("", "yes")
		if _, err := tx.ExecContext(ctx, "INSERT INTO item_texts VALUES ($1, $2)", n.TextHash, n.Text); err != nil {
			return err
		}
		insert, err := tx.PrepareContext(ctx, "INSERT INTO answers VALUES ($1, $2, '', $3, $4, $5, 'yes', 'a note', '[]', $6, 'Ada', $7, '')")
		if err != nil {
			return err
		}
		defer insert.Close()
		for i := range rows {
			t, rest := i%teams, i/teams
			l, rest := rest%lists, rest/lists
			_, err := insert.ExecContext(ctx, owners[t], fmt.Sprint("checklists/", l), fmt.Sprint("item-", rest%items), rest/items+1, i+1, i, n.TextHash)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.RebuildSummaries(b.Context()); err != nil {
		b.Fatal(err)
	}
	return owners
}

// BenchmarkVote is one durable vote in a workshop of 30 members on 30 items.
func BenchmarkVote(b *testing.B) {
	s := openTest(b, b.TempDir())
	r := mustOpenRound(b, s, 0)
	for m := range 30 {
		mustJoin(b, s, r, fmt.Sprint(m))
	}
	states := [...]content.State{"yes", "partly", "no"}
	for i := 0; b.Loop(); i++ {
		mustVote(b, s, r, fmt.Sprint(i%30), fmt.Sprint("item-", i/30%30), states[i/900%3])
	}
}

// BenchmarkBallot is one durable ballot of ten statements: its place, the ballot
// and the log emptied after each.
func BenchmarkBallot(b *testing.B) {
	s := openTest(b, b.TempDir())
	ballot := map[string]content.State{}
	for i := range 10 {
		ballot[fmt.Sprint("item-", i)] = "5"
	}
	team := mustTeam(b, s, "a", Profile{Name: "A"})
	var r Round
	for i := 0; b.Loop(); i++ {
		if i%MaxMembers == 0 {
			b.StopTimer()
			var err error
			if r.ID != "" {
				_, err = s.CloseRound(b.Context(), r.Team, r.ID, day0, false)
			}
			if err == nil {
				r, err = s.OpenRound(b.Context(), Round{Team: team.ID, Checklist: "c", Survey: true, Places: MaxMembers, Opened: day0})
			}
			if err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
		if err := s.sendBallot(b.Context(), r.ID, fmt.Sprint("m", i)); err != nil {
			b.Fatal(err)
		}
	}
}
