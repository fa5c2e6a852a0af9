package templates

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"opsbook/content"

	"github.com/a-h/templ"
)

// RoundLine is what is said of a round wherever it is named.
type RoundLine struct {
	ID        string
	Name      string        // its own title; may be empty
	Page      *content.Page // of its checklist; nil: not served any more
	Checklist string        // path of it
	Subject   string
	Survey    bool
	Opened    time.Time
	By        string
	Revealed  time.Time // zero: not
	Closed    time.Time // zero: not
	Outcome   string    // what came of it, or how far it is
}

// Title names a round: as it was called, else by its checklist.
func (r RoundLine) Title() string {
	switch {
	case r.Name != "":
		return r.Name
	case r.Page == nil:
		return r.Checklist
	}
	return about(r.Page.Title, r.Subject)
}

// Kind says what a round is.
func (r RoundLine) Kind() string {
	if r.Survey {
		return "Survey"
	}
	return "Workshop"
}

// Noun is what a round is within a sentence.
func (r RoundLine) Noun() string { return strings.ToLower(r.Kind()) }

// State is how far a round is: open, revealed or closed.
func (r RoundLine) State() string {
	switch {
	case !r.Closed.IsZero():
		return "closed"
	case !r.Revealed.IsZero():
		return "revealed"
	}
	return "open"
}

// RoundsView lists the rounds of a team.
type RoundsView struct {
	TeamFrame
	Open     []RoundLine
	Ended    []RoundLine
	Lists    []*content.Page // that a workshop can be about
	Surveys  []*content.Page
	Subjects []string  // what the lists ask for, such as "service (Production readiness)"
	Form     RoundForm // of a workshop
	Survey   RoundForm
}

// RoundForm is what was typed to open a round.
type RoundForm struct {
	Checklist, Subject, Title, Places string
	Problem                           string // why it was not taken
}

// Invite says how to join a round.
type Invite struct {
	Code    string
	Form    string // address where the code is typed
	Address string // that leads there with the code
	QR      QR     // of Address
	Local   bool   // the address works on this computer alone
}

// Spaced is the code as it is read aloud.
func (i *Invite) Spaced() string { return i.Code[:len(i.Code)/2] + " " + i.Code[len(i.Code)/2:] }

// RoundFrame is what stands around a round of a team.
type RoundFrame struct {
	TeamFrame
	Round   RoundLine
	Invite  *Invite // nil: it takes no answers any more
	Live    string  // address that says how far it is; empty: the page does not follow it
	Version string  // what Live says now
	Ask     *Ask    // what is to be confirmed first
	Problem string  // why what was posted was not done
}

// Ask asks once more before something is lost.
type Ask struct {
	Title, Text string
	Do          string // label of the button
	Post        string // last part of the form's address
}

// RoundPath is the last part of the addresses of a round's forms.
func (f *RoundFrame) RoundPath(what string) string { return "rounds/" + f.Round.ID + "/" + what }

// Going reports whether the facilitator can do something: the round is not over
// and nothing of the past or archived is looked at.
func (f *RoundFrame) Going() bool { return f.Writable() && f.Round.Closed.IsZero() }

// live are the attributes by which the script follows a round.
func (f *RoundFrame) live() templ.Attributes {
	if f.Live == "" {
		return nil
	}
	return templ.Attributes{"data-poll": f.Live, "data-state": f.Round.State(), "data-version": f.Version}
}

// WorkshopView is a workshop as its facilitator sees it.
type WorkshopView struct {
	RoundFrame
	Joined   int
	Finished int // who have answered everything
	Items    []ItemProgress
	Apart    []SpreadView // what they disagree about, the most first
	Same     []SpreadView // what all say the same about
	Silent   []SpreadView // what nobody answered
	Recorded int          // items with an agreed answer from this round
	// Unanimous is on how many items all said the same that can be recorded at once.
	Unanimous int
	Terms     []content.Term
}

// ItemProgress says how many have answered an item.
type ItemProgress struct {
	*content.Item
	Votes int
}

// SpreadView is an item with what was said about it, and the answer that stands.
type SpreadView struct {
	ItemView
	content.Spread
	Parts    []BarPart
	Text     string         // the counts, such as "5 yes, 2 partly, 1 no"
	Own      string         // what this member said; empty: nothing
	State    string         // name of the answer that stands
	From     string         // where it comes from
	Agreed   content.Answer // in this round; its Seq is 0 where nothing was
	AgreedOn string         // its name
}

// Stands reports whether another answer stands than the one that was agreed on.
func (v SpreadView) Stands() bool { return v.Answer.State != "" && v.Answer.Seq != v.Agreed.Seq }

// given says when the answer that stands was given, by whom, and where it comes from.
func (v SpreadView) given() string {
	text := moment(v.Answer.At) + ", " + who(v.Answer.By)
	if v.From != "" {
		text += ", " + v.From
	}
	return text
}

// BarPart is a piece of a bar whose length is the number of answers.
type BarPart struct {
	X, Width int
	Opacity  string // the better the darker
	NA       bool
}

// SurveyView is a survey as the team sees it.
type SurveyView struct {
	RoundFrame
	Places  int
	Enough  bool // five or more have answered
	Ballots int  // when it is closed; 0: too few, nothing was kept
	Before  *RoundLine
	Lines   []SurveyLine // divided ones first, then the lowest
}

// SurveyLine is what was answered to a statement.
type SurveyLine struct {
	*content.Item
	Section string
	N       int  // 0: fewer than five
	Divided bool // the answers are far apart
	Mean    string
	Change  string // since Before; empty: nothing to compare with
	Lowest  string
	Highest string
	Columns []Column // the worst answer first
}

// Column is a bar of a distribution: how many gave one answer.
type Column struct{ N, X, Y, Height int }

// JoinView is a round as one who takes part sees it.
type JoinView struct {
	Frame
	Code     string
	Team     string
	Results  templ.SafeURL // the round's page at its team
	Round    RoundLine
	Stage    JoinStage
	Problem  string
	Places   int // of a survey
	Steps    []JoinStep
	Answered int
	Apart    []SpreadView
	Same     []SpreadView
	Terms    []content.Term
}

// JoinStage is what a member can do.
type JoinStage int

// The stages of a member.
const (
	StageInvite   JoinStage = iota // take part
	StageVote                      // in a workshop
	StageBallot                    // in a survey
	StageSent                      // the ballot is counted
	StageRevealed                  // see what all said
	StageOver                      // the round has ended
	StageNowhere                   // its checklist is not served
)

// JoinStep is an item as a member answers it.
type JoinStep struct {
	ItemView
	Section string
	State   content.State
}

// stepOf is the anchor of an item among a member's steps; ids of items cannot
// clash with that of the end.
func stepOf(it *content.Item) string { return "i-" + it.ID }

const stepEnd = "end"

// StepAfter returns the anchor of the step that follows the one of an item.
func StepAfter(list *content.Checklist, it *content.Item) string {
	items := list.Items()
	if i := slices.Index(items, it); i+1 < len(items) {
		return stepOf(items[i+1])
	}
	return stepEnd
}

// before and after are the anchors around a step.
func (v *JoinView) before(i int) string {
	if i == 0 {
		return ""
	}
	return "#" + stepOf(v.Steps[i-1].Item)
}

func (v *JoinView) after(i int) string {
	if i+1 < len(v.Steps) {
		return "#" + stepOf(v.Steps[i+1].Item)
	}
	return "#" + stepEnd
}

// joinURL returns the address of a part of the round for its members.
func (v *JoinView) joinURL(what string) templ.SafeURL {
	return v.URL(strings.TrimSuffix("-/join/"+v.Code+"/"+what, "/"))
}

// JoinFormView asks for the code of a round.
type JoinFormView struct {
	Frame
	Code    string // as it was typed
	Problem string
}

// pressed writes aria-pressed.
func pressed(is bool) string { return strconv.FormatBool(is) }

// RoundsURL leads to a team's rounds, to open one about a checklist.
func (s *Site) RoundsURL(slug, list string) templ.SafeURL {
	return s.address(teamPath(slug, "rounds"), url.Values{"checklist": {list}}, "")
}

// roundURL leads to a round, on the same day.
func (f *TeamFrame) roundURL(r RoundLine) templ.SafeURL { return f.TeamURL("rounds/" + r.ID) }

// planURL leads to the form for an action about a statement.
func (v *SurveyView) planURL(l SurveyLine) templ.SafeURL {
	return v.newActionURL(NextLine{Page: v.Round.Page, Subject: v.Round.Subject, Gap: content.Gap{Item: l.Item}})
}

// listText writes texts one after the other, as "a, b and c".
func listText(texts []string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}

func hasHave(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}
