package site

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits on a connection. A person on a bad line fits; a slow attack does not
// hold a connection for long.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	shutdownWait  = 20 * time.Second // for the last requests, once asked to end
)

// Serve answers requests on the listener, and runs Run beside it, until ctx is
// done; then it waits for the last requests. It closes the listener, not the store.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	alive, end := context.WithCancel(context.WithoutCancel(ctx)) // of sockets, which Shutdown leaves alone
	defer end()
	hs := &http.Server{
		Handler:           s.Handler(),
		BaseContext:       func(net.Listener) context.Context { return alive },
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	running, stop := context.WithCancel(ctx)
	background := make(chan struct{})
	go func() {
		defer close(background)
		s.Run(running)
	}()
	defer func() {
		stop()
		<-background
	}()
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
	defer cancel()
	err := hs.Shutdown(wait)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests that did not end in time are cut off", "after", shutdownWait)
		err = hs.Close()
	}
	if err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
