package site

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"
)

// Limits of what is kept between the look at what a file would change and its
// import. The oldest go first.
const (
	uploadAge      = 15 * time.Minute
	maxUploads     = 16
	maxUploadBytes = 64 << 20
)

// uploads are files that wait to be imported. They are in memory only: who comes
// too late sends the file again.
type uploads struct {
	mu    sync.Mutex
	files []upload // the oldest first
}

// upload is one file for one team.
type upload struct {
	id, team string
	data     []byte // nil when it has been imported
	at       time.Time
	entries  int // that were imported
}

// keep keeps a file for a team and returns the id under which to find it.
func (u *uploads) keep(team string, data []byte, now time.Time) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.files = append(u.files, upload{id: rand.Text(), team: team, data: data, at: now})
	u.drop(now)
	return u.files[len(u.files)-1].id
}

// find returns a file of a team, and whether it is still here.
func (u *uploads) find(team, id string, now time.Time) (upload, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.drop(now)
	i := slices.IndexFunc(u.files, func(f upload) bool { return f.id == id && f.team == team })
	if i < 0 {
		return upload{}, false
	}
	return u.files[i], true
}

// done forgets the content of a file that has been imported, but not how much
// that was: its form may be sent twice.
func (u *uploads) done(id string, entries int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if i := slices.IndexFunc(u.files, func(f upload) bool { return f.id == id }); i >= 0 {
		u.files[i].data, u.files[i].entries = nil, entries
	}
}

// sweep forgets files that have waited too long.
func (u *uploads) sweep(now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.drop(now)
}

// drop forgets the oldest files until the rest is within the limits.
func (u *uploads) drop(now time.Time) {
	size := 0
	for _, f := range u.files {
		size += len(f.data)
	}
	n := 0
	for n < len(u.files) && (now.Sub(u.files[n].at) > uploadAge || len(u.files)-n > maxUploads || size > maxUploadBytes) {
		size -= len(u.files[n].data)
		n++
	}
	u.files = slices.Delete(u.files, 0, n) // which clears what is left behind them
}
