package site

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter counts the requests of each client address. Its zero value is not usable.
type limiter struct {
	unlimited bool
	now       func() time.Time

	mu      sync.Mutex
	clients map[string]*client
	swept   time.Time
}

type client struct {
	tokens *rate.Limiter
	seen   time.Time
}

// maxClients bounds the memory that strangers can make us use.
const maxClients = 100_000

func newLimiter(unlimited bool, now func() time.Time) *limiter {
	return &limiter{unlimited: unlimited, now: now, clients: map[string]*client{}}
}

// allow reports whether the client at the address may go on.
func (l *limiter) allow(address string) bool {
	if l.unlimited {
		return true
	}
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > time.Minute || len(l.clients) > maxClients {
		l.sweep(now)
	}
	c := l.clients[address]
	if c == nil {
		c = &client{tokens: rate.NewLimiter(requestsPerSecond, requestsBurst)}
		l.clients[address] = c
	}
	c.seen = now
	return c.tokens.AllowN(now, 1)
}

// sweep forgets clients that were not seen for a minute; their buckets are full again.
func (l *limiter) sweep(now time.Time) {
	for address, c := range l.clients {
		if now.Sub(c.seen) > time.Minute {
			delete(l.clients, address)
		}
	}
	if len(l.clients) > maxClients {
		clear(l.clients)
	}
	l.swept = now
}
