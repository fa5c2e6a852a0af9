// Opsbook serves guides, playbooks and checklists on DevOps, SRE and on-call
// practice from one binary, merged with an organisation's own Markdown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"opsbook/content"
	"opsbook/site"
	"opsbook/site/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.LookupEnv); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintln(os.Stderr, "opsbook:", err)
		}
		os.Exit(1)
	}
}

// errReported ends the program with status 1 when everything has been said.
var errReported = errors.New("reported")

// command is one of the program's commands.
type command struct {
	name, args, does string
	run              func(ctx context.Context, p *program, args []string) error
}

var commands = []command{
	{"serve", "", "serve the library (the default)", serve},
	{"check", "[DIR...]", "lint content: the library, or with folders these over it", check},
	{"search", "QUERY", "search in the terminal, without a server", find},
	{"read", "PATH", "show a page in the terminal, without a server", read},
	{"export", "", "write what a team has answered to standard output", export},
	{"import", "FILE", "add the answers of a file to a team, all of them or none", importFile},
	{"version", "", "print version, commit, Go version and number of pages", version},
}

// program is what the commands share: where they write and what surrounds them.
type program struct {
	stdout, stderr io.Writer
	lookup         func(string) (string, bool) // of the environment
}

// run is the program. It returns when the command is done or ctx is.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, lookup func(string) (string, bool)) error {
	p := &program{stdout: stdout, stderr: stderr, lookup: lookup}
	name := "serve"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	if len(args) > 0 && name == "serve" && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help") || name == "help" {
		p.usage()
		return nil
	}
	for _, c := range commands {
		if c.name == name {
			err := c.run(ctx, p, args)
			if errors.Is(err, flag.ErrHelp) {
				return nil
			}
			return err
		}
	}
	return fmt.Errorf("there is no command %q; opsbook help lists them", name)
}

func (p *program) usage() {
	fmt.Fprint(p.stdout, "Opsbook serves guides, playbooks and checklists for people who run software.\n\nUsage: opsbook [command] [flags]\n\nCommands:\n")
	for _, c := range commands {
		fmt.Fprintf(p.stdout, "  %-9s %-9s %s\n", c.name, c.args, c.does)
	}
	fmt.Fprint(p.stdout, "\nFlags of serve:\n")
	set, _ := serveFlags(p)
	set.SetOutput(p.stdout)
	set.PrintDefaults()
	fmt.Fprint(p.stdout, "\nEvery flag has an environment twin: --base-url is OPSBOOK_BASE_URL; OPSBOOK_CONTENT is a list of folders.\n")
}

// folders is a flag that may be given several times.
type folders []string

func (f *folders) String() string { return strings.Join(*f, string(os.PathListSeparator)) }

// Set appends a folder; from the environment it takes a list.
func (f *folders) Set(s string) error {
	if s == "" {
		return errors.New("want a folder")
	}
	*f = append(*f, s)
	return nil
}

// texts is a flag of texts that may be given several times, or as one list
// separated by commas.
type texts []string

func (t *texts) String() string { return strings.Join(*t, ",") }

// Set appends the texts of a list.
func (t *texts) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*t = append(*t, part)
		}
	}
	return nil
}

// layers are the flags that say which content is meant.
type layers struct {
	library bool
	drafts  bool
	content folders
}

func (l *layers) define(set *flag.FlagSet) {
	set.BoolVar(&l.library, "library", true, "serve the embedded library; =false serves only what --content brings")
	set.BoolVar(&l.drafts, "drafts", false, "serve drafts too")
	set.Var(&l.content, "content", "`folder` of Markdown to lay over the library; may be repeated")
}

// newFlags returns an empty set of flags whose errors are returned, not printed.
func (p *program) newFlags(name string) *flag.FlagSet {
	set := flag.NewFlagSet("opsbook "+name, flag.ContinueOnError)
	set.SetOutput(p.stderr)
	return set
}

// parse reads the environment and then the arguments, which win. Flags may
// follow arguments. It returns the arguments that are no flags.
func (p *program) parse(set *flag.FlagSet, args []string) ([]string, error) {
	set.SetOutput(discard{})
	var wrong []error
	set.VisitAll(func(f *flag.Flag) {
		name := "OPSBOOK_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := p.lookup(name)
		if !ok || value == "" {
			return
		}
		values := []string{value}
		if f.Name == "content" {
			values = filepath.SplitList(value)
		}
		for _, v := range values {
			if err := set.Set(f.Name, v); err != nil {
				wrong = append(wrong, fmt.Errorf("%s=%q: %w", name, value, err))
			}
		}
	})
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	var rest []string
	first := true
	for {
		// A list on the command line replaces the one of the environment.
		if first && mentions(args, "content") {
			if f := set.Lookup("content"); f != nil {
				*f.Value.(*folders) = nil
			}
		}
		first = false
		if err := set.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				fmt.Fprintf(p.stdout, "Flags of %s:\n", set.Name())
				set.SetOutput(p.stdout)
				set.PrintDefaults()
			}
			return nil, err
		}
		args = set.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// mentions reports whether a flag stands among the arguments.
func mentions(args []string, name string) bool {
	for _, a := range args {
		a, _, _ = strings.Cut(a, "=")
		if a == "-"+name || a == "--"+name {
			return true
		}
	}
	return false
}

// discard swallows what package flag would print besides returning its error.
type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// build reads the layers and builds the library.
func (l *layers) build(ctx context.Context) (*content.Library, error) {
	var sources []*content.Source
	if l.library {
		sources = append(sources, content.Embedded())
	}
	for _, dir := range l.content {
		source, err := content.NewFolder(dir).Scan()
		if err != nil {
			return nil, err
		}
		sources = append(sources, source)
	}
	if len(sources) == 0 {
		return nil, errors.New("with --library=false at least one --content folder is needed")
	}
	return content.Build(nil, content.Options{Drafts: l.drafts}, sources...), ctx.Err()
}

// serveConfig are the flags of serve.
type serveConfig struct {
	layers
	listen  string
	data    string
	title   string
	baseURL string
	auth    string
	trusted texts
	count   bool
}

func serveFlags(p *program) (*flag.FlagSet, *serveConfig) {
	c := &serveConfig{}
	set := p.newFlags("serve")
	c.define(set)
	set.StringVar(&c.listen, "listen", "127.0.0.1:8080", "`address` to listen on")
	set.StringVar(&c.data, "data", "", "`folder` of the database (default: the user's data folder, opsbook/)")
	set.StringVar(&c.title, "title", "", "`text` that names the site")
	set.StringVar(&c.baseURL, "base-url", "", "public `address` of the site, may carry a path")
	set.StringVar(&c.auth, "auth", "none", "who may answer: none (everyone who reaches the server)")
	set.Var(&c.trusted, "trusted-origin", "`origin` that may send forms although a proxy changes the Host header; may be repeated")
	set.BoolVar(&c.count, "insights", true, "count searches that were in vain, without who asked")
	return set, c
}

// serve runs the server until ctx is done.
func serve(ctx context.Context, p *program, args []string) error {
	set, c := serveFlags(p)
	rest, err := p.parse(set, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("serve takes no arguments, only flags: %q", rest)
	}
	if c.auth != "none" {
		return fmt.Errorf("--auth %s: want none", c.auth)
	}
	if !c.library && len(c.content) == 0 {
		return errors.New("with --library=false at least one --content folder is needed")
	}
	if c.data == "" {
		if c.data, err = store.DefaultDir(p.lookup); err != nil {
			return err
		}
	}
	p.collect(400)
	log := slog.New(slog.NewTextHandler(p.stderr, nil))
	st, err := store.Open(ctx, c.data)
	if err != nil {
		return err
	}
	server, err := site.New(site.Config{Store: st, Library: c.library, Folders: c.content, Drafts: c.drafts, Title: c.title, BaseURL: c.baseURL, TrustedOrigins: c.trusted, NoInsights: !c.count, Version: build().version, Log: log})
	if err != nil {
		return errors.Join(err, st.Close())
	}
	p.collect(150)
	listener, err := net.Listen("tcp", c.listen)
	if err != nil {
		return errors.Join(fmt.Errorf("--listen %s: %w", c.listen, err), st.Close())
	}
	fmt.Fprintln(p.stdout, greeting(server, listener.Addr(), c.data))
	return errors.Join(server.Serve(ctx, listener), st.Close())
}

// collect sets the garbage collector, unless the environment does: lazy while
// the library is built, which takes half the time then, and afterwards eager,
// because the program shares its host with what it helps to run.
func (p *program) collect(percent int) {
	if _, set := p.lookup("GOGC"); !set {
		debug.SetGCPercent(percent)
	}
	if _, set := p.lookup("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(190 << 20) // a wish, not a wall: a larger library still fits
	}
}

// greeting is the line that tells where the site is and what it holds.
func greeting(server *site.Server, addr net.Addr, data string) string {
	where := addr.String()
	if host, port, err := net.SplitHostPort(where); err == nil && net.ParseIP(host).IsUnspecified() {
		where = "localhost:" + port
	}
	return fmt.Sprintf("Opsbook on http://%s: %s. Data in %s.", where, server.Library().Summary(), data)
}

// buildInfo is what the binary knows about itself.
type buildInfo struct{ version, commit, goVersion string }

// stamped is set by the linker for a release.
var stamped string

func build() buildInfo {
	b := buildInfo{version: "dev", commit: "unknown", goVersion: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		b.version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.commit = s.Value
		}
	}
	if stamped != "" {
		b.version = stamped
	}
	return b
}
