package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"opsbook/content"
	"opsbook/search"
	"opsbook/templates"
)

// Limits of a search.
const (
	maxQuery   = 200 // characters
	pageOfHits = 20
	maxHits    = 100
	maxOffset  = 1000
)

// serveSearch answers with the search page.
func (s *Server) serveSearch(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	form := r.URL.Query()
	v := &templates.SearchView{Frame: s.frame(r, snap, "search", "Search"), Text: strings.TrimSpace(form.Get("q")), Kind: form.Get("kind"), Tag: form.Get("tag")}
	v.Query = v.Text
	v.Description = "Search the library."
	v.NoIndex, v.Wide = true, true
	code := http.StatusOK
	switch {
	case utf8.RuneCountInString(v.Text) > maxQuery:
		code = http.StatusBadRequest
		v.Problem = fmt.Sprintf("A search has at most %d characters; yours has %d.", maxQuery, utf8.RuneCountInString(v.Text))
	case v.Text == "":
		v.Empty = true
	case snap.index == nil:
		v.Preparing = true
	default:
		v.Title = "Search: " + shorten(v.Text, 60)
		if err := s.fillSearch(r, snap, v, form); err != nil {
			return err
		}
	}
	s.render(w, r, code, templates.Search(v))
	return nil
}

// fillSearch searches and fills the view.
func (s *Server) fillSearch(r *http.Request, snap *snapshot, v *templates.SearchView, form url.Values) error {
	ctx := r.Context()
	offset := boundedInt(form.Get("offset"), 0, 0, maxOffset)
	explain := form.Get("explain") == "1"
	res, err := snap.index.Search(ctx, search.Query{
		Text: v.Text, Kind: content.Kind(v.Kind), Tag: v.Tag, Limit: pageOfHits, Offset: offset, Exact: form.Get("exact") == "1", Explain: explain,
	})
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	if offset == 0 && !res.Tips {
		ripe, times := s.insights.searched(r, v.Text, res.Total, s.now())
		s.keep(ctx, ripe, times)
	}
	v.Total, v.Corrected, v.Term, v.Near, v.Empty = res.Total, res.Corrected, res.Term, res.Near, res.Tips
	for _, h := range res.Hits {
		v.Hits = append(v.Hits, hitView(snap.lib, h))
	}
	v.Shown = fmt.Sprintf("%d to %d", offset+1, offset+len(res.Hits))
	with := func(key, value string) string {
		next := url.Values{"q": {v.Text}}
		for _, k := range []string{"kind", "tag", "exact"} {
			if form.Get(k) != "" {
				next.Set(k, form.Get(k))
			}
		}
		if next.Del(key); value != "" {
			next.Set(key, value)
		}
		return next.Encode()
	}
	if offset+len(res.Hits) < res.Total && offset+pageOfHits <= maxOffset {
		v.More = with("offset", itoa(offset+pageOfHits))
	}
	if offset > 0 {
		v.Earlier = with("offset", itoa(max(0, offset-pageOfHits)))
	}
	v.Exact = with("exact", "1")
	v.Kinds = append(v.Kinds, templates.KindCount{Label: "All", Query: with("kind", ""), Current: v.Kind == ""})
	for _, k := range []content.Kind{content.Guide, content.Playbook, content.ListKind, content.PathKind} {
		v.Kinds = append(v.Kinds, templates.KindCount{Kind: k, Label: kindPlural(k), Query: with("kind", string(k)), Current: v.Kind == string(k)})
	}
	return nil
}

func kindPlural(k content.Kind) string {
	switch k {
	case content.ListKind:
		return "Checklists"
	case content.PathKind:
		return "Learning paths"
	case content.Guide:
		return "Guides"
	}
	return "Playbooks"
}

func hitView(lib *content.Library, h search.Hit) templates.HitView {
	v := templates.HitView{Title: h.Page.Title, Heading: h.Heading, Path: h.Page.Path, Anchor: h.Anchor, Kind: h.Page.Kind, Crumbs: crumbText(lib, h.Page.Path), Highlight: strings.Join(h.Words, " ")}
	if h.Why != nil {
		v.Why = h.Why.Lines()
	}
	if v.Heading == v.Title {
		v.Heading = ""
	}
	for _, f := range h.Snippet {
		v.Snippet = append(v.Snippet, templates.Fragment(f))
	}
	return v
}

// guess returns a few pages for the words of an address that does not exist.
func (s *Server) guess(ctx context.Context, snap *snapshot, words string) []templates.HitView {
	if snap.index == nil || words == "" {
		return nil
	}
	res, err := snap.index.Search(ctx, search.Query{Text: words, Limit: 5})
	if err != nil {
		s.log.Error("search for a missing page", "err", err)
		return nil
	}
	var hits []templates.HitView
	for _, h := range res.Hits {
		v := hitView(snap.lib, h)
		v.Highlight, v.Why = "", nil
		hits = append(hits, v)
	}
	return hits
}

// hitJSON is a hit in the API.
type hitJSON struct {
	Path    string       `json:"path"`
	Anchor  string       `json:"anchor"`
	Title   string       `json:"title"`
	Heading string       `json:"heading"`
	Kind    content.Kind `json:"kind"`
	Snippet string       `json:"snippet"` // HTML: escaped text with <mark>
	Score   float64      `json:"score"`
	Why     []string     `json:"why,omitempty"`
}

// serveSearchAPI answers with hits as JSON.
func (s *Server) serveSearchAPI(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	form := r.URL.Query()
	text := strings.TrimSpace(form.Get("q"))
	if utf8.RuneCountInString(text) > maxQuery {
		return statusErrorf(http.StatusBadRequest, "q: at most %d characters.", maxQuery)
	}
	limit, err := intParam(form, "limit", pageOfHits, 1, maxHits)
	if err != nil {
		return err
	}
	offset, err := intParam(form, "offset", 0, 0, maxOffset)
	if err != nil {
		return err
	}
	kind := content.Kind(form.Get("kind"))
	if kind != "" && !slices.Contains(content.Kinds[:], kind) {
		return statusErrorf(http.StatusUnprocessableEntity, "kind: there is no kind %q.", kind)
	}
	if snap.index == nil {
		w.Header().Set("Retry-After", "1")
		return statusErrorf(http.StatusServiceUnavailable, "The search index is being built.")
	}
	began := time.Now()
	res, err := snap.index.Search(r.Context(), search.Query{Text: text, Kind: kind, Tag: form.Get("tag"), Limit: limit, Offset: offset, Exact: form.Get("exact") == "1", Explain: form.Get("explain") == "1"})
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	hits := []hitJSON{}
	for _, h := range res.Hits {
		hits = append(hits, hitJSON{h.Page.Path, h.Anchor, h.Page.Title, h.Heading, h.Page.Kind, markedHTML(h.Snippet), h.Score, hitView(snap.lib, h).Why})
	}
	out := map[string]any{"query": text, "total": res.Total, "took_ms": float64(time.Since(began).Microseconds()) / 1000, "results": hits}
	if res.Corrected != "" {
		out["corrected"] = res.Corrected
	}
	return s.sendJSON(w, r, http.StatusOK, out)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// markedHTML writes a snippet as HTML.
func markedHTML(fragments []search.Fragment) string {
	var b strings.Builder
	for _, f := range fragments {
		if f.Mark {
			b.WriteString("<mark>" + escaper.Replace(f.Text) + "</mark>")
			continue
		}
		b.WriteString(escaper.Replace(f.Text))
	}
	return b.String()
}

// intParam reads a number of the query within its bounds.
func intParam(form url.Values, name string, missing, lowest, highest int) (int, error) {
	text := form.Get(name)
	if text == "" {
		return missing, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < lowest || n > highest {
		return 0, statusErrorf(http.StatusUnprocessableEntity, "%s: want a number from %d to %d, not %q.", name, lowest, highest, text)
	}
	return n, nil
}

// boundedInt reads a number, which is missing where it makes no sense.
func boundedInt(text string, missing, lowest, highest int) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return missing
	}
	return min(max(n, lowest), highest)
}
