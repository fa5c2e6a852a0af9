// Package transfer writes a team's answers, actions and targets as files, and
// reads them back: as JSON whole and with their history, as CSV for spreadsheets,
// as Markdown for people, and actions as a calendar. It knows neither HTTP nor SQL.
//
// A file is imported in three steps. Read takes it apart and lists everything that
// is wrong with it by itself. Compare says what it would change in what a team has
// here, and what is wrong with it for this library. Plan.Import is then what to
// hand to the store, which adds all of it or nothing.
package transfer

import (
	"encoding/json"
	"io"
	"time"

	"opsbook/content"
)

// Format and Version say what a Document is. A change that an older program
// would misread gets another version.
const (
	Format  = "opsbook/team"
	Version = 1
)

// Document is a team's answers, actions and targets as they stood at an instant.
// Times are in UTC and in whole milliseconds.
type Document struct {
	Format     string            `json:"format"`      // "opsbook/team"
	Version    int               `json:"version"`     // 1
	ExportedAt time.Time         `json:"exported_at"` // when it was made
	At         *time.Time        `json:"at"`          // the instant that it shows; null: when it was made
	Team       Team              `json:"team"`
	Rule       string            `json:"rule"`       // how scores and levels are counted, in words
	Checklists []List            `json:"checklists"` // every list and subject that was ever answered, in the library's order; retired ones last
	Texts      map[string]string `json:"texts"`      // the wordings that were answered, by text_hash
	Actions    []Action          `json:"actions"`    // ended ones too: what is due first, those without a day last
	Targets    []Target          `json:"targets"`    // by checklist and subject

	table   bool     // read from a CSV: only answers, and an empty cell says nothing
	silent  []string // columns that the CSV does not have
	ignored []string // the first columns of the CSV that have no meaning here, shortened
}

// Team is what a team is called and says of itself, as it is when the document is made.
type Team struct {
	Slug        string   `json:"slug"` // its address
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Groups      []string `json:"groups"`
	Archived    bool     `json:"archived"`
}

// List is one checklist with the answers about one subject.
type List struct {
	Path          string   `json:"path"`  // of the checklist
	Title         string   `json:"title"` // empty for a retired list
	Subject       string   `json:"subject"`
	Retired       bool     `json:"retired"`        // the library no longer had the list: its items are history
	Levels        []string `json:"levels"`         // names of levels 1, 2, …; empty: it has none
	Threshold     float64  `json:"threshold"`      // share of the score that a level needs besides its musts
	Score         float64  `json:"score"`          // 0 to 1
	Coverage      float64  `json:"coverage"`       // 0 to 1
	Level         *int     `json:"level"`          // reached, 0 for none; null without levels and where nothing applies
	NotApplicable bool     `json:"not_applicable"` // no item applies
	NA            int      `json:"na"`             // items that are "not applicable"
	Answered      int      `json:"answered"`       // items with an answer, "not applicable" included
	Total         int      `json:"total"`          // items
	Items         []Item   `json:"items"`          // in the list's order; then, by id, those flagged retired or moved

	line int // in the file that it was read from; 0: unknown
}

// Item is one item of a checklist with its answer. The fields of the answer are
// those of Row; without an answer the state is empty and at is null.
type Item struct {
	ID      string  `json:"id"`
	Section string  `json:"section"`
	Claim   string  `json:"claim"`  // as it reads now; of a retired item, as it was answered
	Level   int     `json:"level"`  // 1 to 9; 0 for a retired item
	Must    bool    `json:"must"`   // its level is not reached without an unexpired yes
	Weight  float64 `json:"weight"` // above 0; 0 for a retired item
	Row
	Flags     []string `json:"flags"`                // see the constants
	MovedFrom string   `json:"moved_from,omitempty"` // the former id under which the answer stands, which the list has too
	Log       []Row    `json:"log,omitempty"`        // every answer that led to this one, the first one first and this one last

	line int
}

// Row is one answer: a row of the log.
type Row struct {
	State    content.State `json:"state"`     // yes, partly, no, na, or on a scale the position from 1; empty: taken back or never given
	Note     string        `json:"note"`      // the reason where the state is na
	Evidence []string      `json:"evidence"`  // addresses
	By       string        `json:"by"`        // display name; empty: someone
	At       *time.Time    `json:"at"`        // when it was given; null: never
	Seq      int64         `json:"seq"`       // counts the answers to the item from 1; 0: there is none under this id
	TextHash string        `json:"text_hash"` // of the wording that was answered; in an import empty: the present one
	Origin   string        `json:"origin"`    // where a copied answer comes from; empty: given for this item
}

// Flags of an item.
const (
	FlagExpired  = "expired"  // a yes whose days are over: it counts ½ until it is confirmed
	FlagReworded = "reworded" // the item says something else than when it was answered
	FlagUnfit    = "unfit"    // the answer does not fit the item any more: it counts as none
	FlagRetired  = "retired"  // the item is no longer in the list
	FlagMoved    = "moved"    // a former id: its answer counts for the item that took it over
)

// Action is something that the team means to do.
type Action struct {
	ID        string    `json:"id"`        // random and permanent
	Checklist string    `json:"checklist"` // path; empty: about no item
	Subject   string    `json:"subject"`
	Item      string    `json:"item"`
	Title     string    `json:"title"`
	Assignee  string    `json:"assignee"` // who does it; empty: nobody yet
	Due       string    `json:"due"`      // a day such as 2027-03-31, or empty
	State     string    `json:"state"`    // open, doing, done or dropped
	Seq       int64     `json:"seq"`      // counts its changes from 1
	At        time.Time `json:"at"`       // of the last change
	By        string    `json:"by"`

	line int
}

// Target is the level that the team wants to reach in a checklist, and by when.
type Target struct {
	Checklist string    `json:"checklist"`
	Subject   string    `json:"subject"`
	Level     int       `json:"level"` // from 1
	Due       string    `json:"due"`   // a day
	Seq       int64     `json:"seq"`   // counts its changes from 1
	At        time.Time `json:"at"`    // of the last change
	By        string    `json:"by"`

	line int
}

// answer returns the row as the domain knows it.
func (r Row) answer() content.Answer {
	a := content.Answer{State: r.State, Note: r.Note, Evidence: r.Evidence, By: r.By, Seq: r.Seq, TextHash: r.TextHash}
	if r.At != nil {
		a.At = r.At.UTC().Truncate(time.Millisecond) // as the log keeps it
	}
	return a
}

// rowOf is the inverse of answer.
func rowOf(a content.Answer, origin string) Row {
	r := Row{State: a.State, Note: a.Note, Evidence: a.Evidence, By: a.By, Seq: a.Seq, TextHash: a.TextHash, Origin: origin}
	if r.Evidence == nil {
		r.Evidence = []string{} // [], not null
	}
	if !a.At.IsZero() {
		at := a.At.UTC()
		r.At = &at
	}
	return r
}

// WriteJSON writes the document. The same document gives the same bytes.
func (d *Document) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
