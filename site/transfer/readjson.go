package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// jsonReader reads a Document piece by piece, so that a mistake in one item does
// not hide those in others, and each is told with its line.
type jsonReader struct {
	data     []byte
	dec      *json.Decoder
	problems *Problems
	line     int // at offset seen
	seen     int
}

// errUnreadable ends the reading of a file whose problem has been noted.
var errUnreadable = errors.New("unreadable")

// readJSON reads a Document as far as it can be read, and reports whether that is
// to its end.
func readJSON(data []byte, problems *Problems) (d *Document, whole bool) {
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), problems: problems, line: 1}
	r.dec.DisallowUnknownFields()
	d = &Document{Texts: map[string]string{}}
	err := r.document(d)
	if err == nil && len(r.rest()) > 0 {
		err = r.fatal(r.here(), "", "more follows after the document")
	}
	if err == nil {
		r.repeats()
	}
	return d, err == nil
}

// document reads the outermost object.
func (r *jsonReader) document(d *Document) error {
	given := map[string]bool{}
	return r.object("", func(name string) error {
		line := r.here()
		if given[name] {
			return r.fatal(line, name, "it stands twice")
		}
		given[name] = true
		switch name {
		case "format":
			if err := r.value(name, &d.Format); err != nil || d.Format == Format {
				return err
			}
			return r.fatal(line, name, notOurs)
		case "version":
			if err := r.value(name, &d.Version); err != nil || d.Version == Version {
				return err
			}
			return r.fatal(line, name, otherVersion(d.Version))
		case "exported_at":
			return r.value(name, &d.ExportedAt)
		case "at":
			return r.value(name, &d.At)
		case "team":
			return r.value(name, &d.Team)
		case "rule":
			return r.value(name, &d.Rule)
		case "texts":
			return r.value(name, &d.Texts)
		case "checklists":
			return r.array(name, func(line int) error { return r.list(d, line) })
		case "actions":
			return r.array(name, func(line int) error {
				a := Action{line: line}
				return r.keep(name, &a, func() { d.Actions = append(d.Actions, a) })
			})
		case "targets":
			return r.array(name, func(line int) error {
				t := Target{line: line}
				return r.keep(name, &t, func() { d.Targets = append(d.Targets, t) })
			})
		}
		return r.unknown(name)
	})
}

// otherVersion says why a document of another version is not read.
func otherVersion(version int) string {
	if version > Version {
		return fmt.Sprintf("%d is newer than this program, which reads version %d: update Opsbook", version, Version)
	}
	return fmt.Sprintf("want %d", Version)
}

// list reads a list with its items.
func (r *jsonReader) list(d *Document, line int) error {
	l := List{line: line}
	err := r.object("checklists", func(name string) error {
		if name != "items" {
			return r.field(l.place(), name, &l)
		}
		return r.array("items", func(line int) error {
			it := Item{line: line}
			return r.keep(l.place(), &it, func() { l.Items = append(l.Items, it) })
		})
	})
	d.Checklists = append(d.Checklists, l)
	return err
}

// field reads the value of one name of an object into the struct v.
func (r *jsonReader) field(place, name string, v any) error {
	line := r.here()
	var raw json.RawMessage
	if err := r.value(place, &raw); err != nil {
		return err
	}
	one, err := json.Marshal(map[string]json.RawMessage{name: raw})
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(one))
	dec.DisallowUnknownFields()
	r.note(line, place, dec.Decode(v))
	return nil
}

// keep reads a value and, where nothing is wrong with it, keeps it.
func (r *jsonReader) keep(place string, v any, keep func()) error {
	before := len(r.problems.List) + r.problems.More
	if err := r.value(place, v); err != nil {
		return err
	}
	if len(r.problems.List)+r.problems.More == before {
		keep()
	}
	return nil
}

// value reads the value that comes next; a wrong type is noted and passed over.
func (r *jsonReader) value(place string, v any) error {
	line := r.here()
	err := r.dec.Decode(v)
	if ends(err) {
		return r.broken()
	}
	r.note(line, place, err)
	return nil
}

// object reads an object and calls field for each of its names, which reads the value.
func (r *jsonReader) object(place string, field func(name string) error) error {
	if err := r.open(place, '{', "an object"); err != nil {
		return err
	}
	for r.dec.More() {
		name, err := r.dec.Token()
		if err != nil {
			return r.broken()
		}
		if err := field(name.(string)); err != nil {
			return err
		}
	}
	return r.closed()
}

// array reads an array and calls element for each element, which reads it.
func (r *jsonReader) array(place string, element func(line int) error) error {
	if bytes.HasPrefix(r.rest(), []byte("null")) {
		return r.value(place, new(json.RawMessage))
	}
	if err := r.open(place, '[', "a list"); err != nil {
		return err
	}
	for r.dec.More() {
		if err := element(r.here()); err != nil {
			return err
		}
	}
	return r.closed()
}

func (r *jsonReader) open(place string, delim json.Delim, want string) error {
	line := r.here()
	token, err := r.dec.Token()
	if err != nil {
		return r.broken()
	}
	if token != delim {
		return r.fatal(line, place, "want "+want)
	}
	return nil
}

func (r *jsonReader) closed() error {
	if _, err := r.dec.Token(); err != nil {
		return r.broken()
	}
	return nil
}

// rest is what has not been read yet, without what stands before the next value.
func (r *jsonReader) rest() []byte {
	return bytes.TrimLeft(r.data[r.dec.InputOffset():], " \t\r\n,:")
}

// here is the line of what comes next.
func (r *jsonReader) here() int {
	at := len(r.data) - len(r.rest())
	r.line += bytes.Count(r.data[r.seen:at], []byte("\n"))
	r.seen = at
	return r.line
}

// ends reports whether an error says that what follows cannot be read either.
func ends(err error) bool {
	var syntax *json.SyntaxError
	return errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// broken notes where a file is no JSON any more.
func (r *jsonReader) broken() error {
	// A decoder that reads tokens miscounts where it is: the whole text tells.
	var syntax *json.SyntaxError
	if err := json.Unmarshal(r.data, new(json.RawMessage)); errors.As(err, &syntax) && syntax.Offset < int64(len(r.data)) {
		return r.fatal(1+bytes.Count(r.data[:max(syntax.Offset-1, 0)], []byte("\n")), "", "this is no JSON: "+err.Error())
	}
	return r.fatal(1+bytes.Count(r.data, []byte("\n")), "", "the file ends too early: a part of it is missing")
}

// fatal notes what makes the rest of the file meaningless.
func (r *jsonReader) fatal(line int, place, text string) error {
	r.problems.add(line, place, "%s", text)
	return errUnreadable
}

// unknown passes over a name that has no meaning here. It is a problem, because
// nothing of a file may be lost unnoticed.
func (r *jsonReader) unknown(name string) error {
	r.problems.add(r.here(), "", "unknown field %.80q", name)
	return r.value("", new(json.RawMessage))
}

// repeats notes the names that stand twice in one object, in whatever case:
// only one of their values would be read.
func (r *jsonReader) repeats() {
	dec := json.NewDecoder(bytes.NewReader(r.data))
	type level struct {
		names map[string]bool // of an object
		list  bool
		value bool // what comes next in an object is a value
	}
	var open []level
	line, seen := 1, int64(0)
	for {
		token, err := dec.Token()
		if err != nil {
			return // the end: the rest has been read before
		}
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			open = open[:len(open)-1]
			continue
		}
		if n := len(open) - 1; n >= 0 && !open[n].list {
			if name, ok := token.(string); ok && !open[n].value {
				name = strings.ToLower(name)
				if open[n].names[name] {
					at := dec.InputOffset()
					line, seen = line+bytes.Count(r.data[seen:at], []byte("\n")), at
					r.problems.add(line, "", "%.40q stands twice in one object", name)
				}
				open[n].names[name] = true
			}
			open[n].value = !open[n].value
		}
		if delim, ok := token.(json.Delim); ok {
			next := level{list: delim == '['}
			if !next.list {
				next.names = map[string]bool{}
			}
			open = append(open, next)
		}
	}
}

// note notes what is wrong with a value that could be passed over.
func (r *jsonReader) note(line int, place string, err error) {
	var wrong *json.UnmarshalTypeError
	var moment *time.ParseError
	switch {
	case err == nil:
	case errors.As(err, &wrong):
		r.problems.add(line, join(place, wrong.Field), "want %s, not %s", wanted[wrong.Type.Kind().String()], wrong.Value)
	case errors.As(err, &moment):
		r.problems.add(line, place, "want a time such as 2026-11-24T12:00:00Z, not %.40q", moment.Value)
	default:
		r.problems.add(line, place, "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
}

// wanted says in words what a type of Go takes.
var wanted = map[string]string{
	"string": "text", "bool": "true or false", "int": "a whole number", "int64": "a whole number", "float64": "a number",
	"slice": "a list", "struct": "an object", "map": "an object",
}
