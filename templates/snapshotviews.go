package templates

import (
	"cmp"
	"strings"
	"time"
)

// SnapshotsView is a team's snapshots.
type SnapshotsView struct {
	TeamFrame
	Snapshots []SnapshotLine // the last made first
	Typed     string         // as a name
	Problem   string         // why it was not taken
}

// SnapshotLine is one snapshot.
type SnapshotLine struct {
	ID, Name string
	At, Made time.Time // the moment that it shows; when it was made
	By       string
	Hash     string // SHA-256, hexadecimal
}

// SnapshotView is what a snapshot holds, in the words of the time.
type SnapshotView struct {
	TeamFrame
	Snapshot SnapshotLine
	Called   string // what the team was called
	Rule     string
	Lists    []SnapshotList
}

// SnapshotList is one list of a snapshot.
type SnapshotList struct {
	Path, Title, Subject string
	Retired              bool
	Level                string // empty without levels
	Score                float64
	Answered, Total, NA  int
	NotApplicable        bool
	Items                []SnapshotItem
}

// SnapshotItem is one item of a snapshot.
type SnapshotItem struct {
	Section, Claim, State, Note, By string
	Evidence                        []string
	At                              time.Time // zero: not answered
	Flags                           []string
}

// flagText says in the words of the other pages what is to be known about an answer.
func (it SnapshotItem) flagText() string {
	words := map[string]string{"expired": "to confirm", "reworded": "reworded since", "unfit": "fits no more", "retired": "not in the list any more", "moved": "now under another id"}
	var out []string
	for _, flag := range it.Flags {
		out = append(out, cmp.Or(words[flag], flag))
	}
	return strings.Join(out, ", ")
}

// anchor names a list on the page of its snapshot.
func (v *SnapshotView) anchor(i int) string { return "list-" + itoa(i+1) }
