package transfer

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"opsbook/content"
	"opsbook/site/store"
)

// BenchmarkTransfer measures a team that has answered 16 lists of 30 items a
// hundred times: 48,000 answers, a file of 14 MB.
func BenchmarkTransfer(b *testing.B) {
	docs := map[string]string{}
	for l := range 16 {
		var text strings.Builder
		fmt.Fprintf(&text, "---\ntitle: L%d\nlevels: [Basic]\n---\n", l)
		for i := range 30 {
			fmt.Fprintf(&text, "### Claim %d {#i%d}\n\nWhy it matters, in a sentence or two that somebody has to read.\n\n", i, i)
		}
		docs[fmt.Sprintf("checklists/l%d.md", l)] = text.String()
	}
	lib := content.Build(nil, content.Options{}, content.Memory("bench", docs))
	s := newSide(b, lib)
	var batch []store.NewAnswer
	for round := range 100 {
		for l := range 16 {
			p := lib.Page(fmt.Sprintf("checklists/l%d", l))
			for i, it := range p.Checklist.Items() {
				batch = append(batch, store.NewAnswer{Key: store.Key{Owner: s.team.Owner(), Checklist: p.Path}, Item: it.ID, Base: int64(round), State: []content.State{"yes", "no"}[round%2],
					Note: "Checked in the review of the week.", At: now.Add(time.Duration(round*480+i-50_000) * time.Minute), By: "Ada", TextHash: it.TextHash, Text: it.Text})
			}
		}
	}
	if err := s.st.AppendAnswers(b.Context(), batch); err != nil {
		b.Fatal(err)
	}
	data := s.json(time.Time{})
	b.Run("export", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			d, err := Export(b.Context(), s.st, lib, s.team, time.Time{}, now, true)
			if err != nil {
				b.Fatal(err)
			}
			var out bytes.Buffer
			if err := d.WriteJSON(&out); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, problems := Read(data, now); problems.Any() {
				b.Fatal(problems.List)
			}
		}
	})
	d, problems := Read(data, now)
	b.Run("compare", func(b *testing.B) {
		for b.Loop() {
			if p, err := Compare(b.Context(), s.st, lib, s.team, d, problems); err != nil || !p.Empty() {
				b.Fatal(p, err)
			}
		}
	})
	b.Run("import", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			to := newSide(b, lib)
			b.StartTimer()
			p, err := Compare(b.Context(), to.st, lib, to.team, d, problems)
			if err != nil {
				b.Fatal(err)
			}
			if err := to.st.Import(b.Context(), to.team, p.Import(now, ""), now, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}
