package store

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"opsbook/content"
)

// childFolder is set in the environment of a test binary that a test has started
// once more to do its part in a process of its own.
const childFolder = "OPSBOOK_STORE_TEST_FOLDER"

// child returns the command that runs the test once more on a folder.
func child(t *testing.T, folder string) *exec.Cmd {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), childFolder+"="+folder)
	cmd.Stderr = os.Stderr
	return cmd
}

// Rounds of a program that is killed while several people answer: whatever it
// acknowledged must be there, and nothing may be there by halves.
func TestKilledProgramLosesNoAcknowledgedAnswer(t *testing.T) {
	if dir := os.Getenv(childFolder); dir != "" {
		answerUntilKilled(t, dir)
		return
	}
	t.Parallel()
	const rounds = 25
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	acknowledged := make(map[string]bool)
	for round := range rounds {
		cmd := child(t, dir)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// After some answers, when others are being written, and in every fifth
		// round at any time at all, even while it starts.
		count := 1 + random.IntN(50)
		if round%5 == 4 {
			count = -1
			time.AfterFunc(time.Duration(random.IntN(150))*time.Millisecond, func() { kill(t, cmd) })
		}
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			line, ok := strings.CutPrefix(lines.Text(), "acknowledged ")
			if !ok {
				continue
			}
			acknowledged[line] = true
			if count--; count == 0 {
				kill(t, cmd)
			}
		}
		_ = cmd.Wait() // it was killed

		s, err := Open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		checkAcknowledged(t, s, acknowledged)
		checkLog(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acknowledged) < rounds*4/5 {
		t.Errorf("only %d answers were acknowledged in %d rounds", len(acknowledged), rounds)
	}
}

func kill(t *testing.T, cmd *exec.Cmd) {
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
}

const crashWriters = 4

func crashItem(writer int) string { return fmt.Sprint("item-", writer) }

// answerUntilKilled answers one item in each of several goroutines and prints
// what was acknowledged.
func answerUntilKilled(t *testing.T, dir string) {
	s := openTest(t, dir)
	answers, err := s.Answers(t.Context(), newAnswer("", "").Key, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range crashWriters {
		wg.Go(func() {
			n := newAnswer(crashItem(w), content.Yes)
			for n.Base = answers[n.Item].Seq; ; n.Base++ {
				n.Note = fmt.Sprintf("%s %d %x", n.Item, n.Base+1, rand.Uint64())
				if _, err := s.AppendAnswer(t.Context(), n); err != nil {
					t.Error(err)
					return
				}
				fmt.Println("acknowledged", n.Note)
			}
		})
	}
	wg.Wait()
}

func checkAcknowledged(t *testing.T, s *Store, acknowledged map[string]bool) {
	t.Helper()
	found := 0
	for w := range crashWriters {
		entries, err := s.History(t.Context(), newAnswer("", "").Key, crashItem(w), 1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if acknowledged[e.Note] {
				found++
			}
		}
	}
	if found != len(acknowledged) {
		t.Errorf("%d of %d acknowledged answers are there", found, len(acknowledged))
	}
}
