package site

import (
	"strings"
	"testing"
	"time"
)

func TestInsights(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	search := func(agent, query string) {
		t.Helper()
		f.get("/search?q="+query, "User-Agent", agent)
	}
	shown := func() string {
		t.Helper()
		f.sweepInsights(t.Context())
		return f.get("/-/insights").body
	}
	search("one", "xyzzy")
	search("one", "XYZZY")
	if strings.Contains(shown(), "xyzzy") {
		t.Error("what one reader asked is shown")
	}
	search("two", "xyzzy")
	if page := shown(); !strings.Contains(page, ">xyzzy</a>") || !strings.Contains(page, "<td>3</td>") {
		t.Errorf("two readers asked three times: %s", page)
	}
	for _, agent := range []string{"one", "two"} {
		search(agent, "burn")
		search(agent, "disks")
	}
	f.get("/guides/two", "User-Agent", "one", "Referer", f.http.URL+"/search?q=disks")
	f.now = f.now.Add(openWithin + time.Second)
	if page := shown(); !strings.Contains(page, ">burn</a>") || strings.Contains(page, ">disks</a>") {
		t.Errorf("results that nobody opened, and some that one reader did: %s", page)
	}
	f.now = f.now.AddDate(0, 0, 91)
	if strings.Contains(shown(), "xyzzy") {
		t.Error("after 90 days it is still shown")
	}
	for name, value := range map[string]string{"X-Forwarded-For": "203.0.113.9", "Via": "1.1 proxy"} {
		if got := f.get("/-/insights", name, value); got.StatusCode != 403 {
			t.Errorf("through a proxy (%s): %d", name, got.StatusCode)
		}
	}
}

func TestInsightsOff(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *Config) { c.NoInsights = true })
	for _, agent := range []string{"one", "two"} {
		f.get("/search?q=xyzzy", "User-Agent", agent)
	}
	if page := f.get("/-/insights").body; strings.Contains(page, "xyzzy") || !strings.Contains(page, "switched off") {
		t.Error("searches are counted although that is switched off")
	}
}
