// Package eventbridge emulates an Amazon EventBridge bus on this machine. It
// speaks the wire protocol of PutEvents, with AWS's limits, and shows the events
// that it got: GET answers them as lines of JSON, as a rule's target would get
// them. With ?follow=true it goes on with later events.
package eventbridge

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// The limits of EventBridge, and how many events are kept.
const (
	maxEntries = 10
	maxBytes   = 256_000
	kept       = 10_000
)

// Options configure a server.
type Options struct {
	// Port is the port on 127.0.0.1; 0 picks a free one.
	Port int
	// Region and Account appear in each event; Bus is the only bus.
	Region, Account, Bus string
	// Log receives a line for each event; nil drops them.
	Log func(line string)
}

// Event is an event as a rule's target gets it.
type Event struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// Server is a running bus. It is safe for concurrent use.
type Server struct {
	// URL is the endpoint for AWS_ENDPOINT_URL_EVENTBRIDGE, and where the events
	// are shown.
	URL string

	options Options
	http    *http.Server

	mu     sync.Mutex
	events []Event
	// first is the number of events[0], counted from the start.
	first int
	more  chan struct{} // closed at the next event
}

// Start runs a server until [Server.Stop] is called. It fails if the port is
// taken.
func Start(options Options) (*Server, error) {
	if options.Log == nil {
		options.Log = func(string) {}
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", options.Port))
	if err != nil {
		return nil, fmt.Errorf("start the EventBridge emulator: %w", err)
	}
	s := &Server{URL: "http://" + listener.Addr().String(), options: options, more: make(chan struct{})}
	open, hangUp := context.WithCancel(context.Background())
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return open }}
	s.http.RegisterOnShutdown(hangUp)
	go func() {
		_ = s.http.Serve(listener)
		hangUp()
	}()
	return s, nil
}

// Stop closes the listener and every connection.
func (s *Server) Stop() { _ = s.http.Close() }

// Events returns the events so far, at most the last 10,000.
func (s *Server) Events() []Event {
	events, _, _ := s.since(0)
	return events
}

// since returns the events from number n on, the number of the next one, and a
// channel that is closed when there is one.
func (s *Server) since(n int) ([]Event, int, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = max(n, s.first)
	return append([]Event(nil), s.events[n-s.first:]...), s.first + len(s.events), s.more
}

func (s *Server) add(event Event) {
	s.mu.Lock()
	if s.events = append(s.events, event); len(s.events) > kept {
		s.events, s.first = s.events[1:], s.first+1
	}
	close(s.more)
	s.more = make(chan struct{})
	s.mu.Unlock()
	line, _ := json.Marshal(event)
	s.options.Log(string(line))
}

// ServeHTTP answers PutEvents, and shows the events.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodGet:
		s.show(w, r)
	case r.Header.Get("X-Amz-Target") != "AWSEvents.PutEvents":
		writeError(w, "UnknownOperationException", "")
	case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "):
		writeError(w, "MissingAuthenticationTokenException", "Missing Authentication Token")
	default:
		s.put(w, r)
	}
}

// show writes events as lines of JSON until there are no more, or for ever.
func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	for n := 0; ; {
		events, next, more := s.since(n)
		for _, event := range events {
			_ = json.NewEncoder(w).Encode(event)
		}
		if n = next; r.FormValue("follow") != "true" {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
			return
		}
	}
}

// entry is an entry of a request.
type entry struct {
	EventBusName, Source, DetailType, Detail string
	Time                                     float64
	Resources                                []string
}

// result is an entry of an answer.
type result struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

func (s *Server) put(w http.ResponseWriter, r *http.Request) {
	var in struct{ Entries []entry }
	body, err := io.ReadAll(io.LimitReader(r.Body, 4*maxBytes))
	if err != nil || json.Unmarshal(body, &in) != nil {
		writeError(w, "SerializationException", "")
		return
	}
	size := 0
	for _, e := range in.Entries {
		size += e.size()
	}
	if len(in.Entries) == 0 || len(in.Entries) > maxEntries || size > maxBytes {
		writeError(w, "ValidationException", fmt.Sprintf("%d entries of %d bytes", len(in.Entries), size))
		return
	}
	results, failed := []result{}, 0
	for _, e := range in.Entries {
		one := s.take(e)
		if one.ErrorCode != "" {
			failed++
		}
		results = append(results, one)
	}
	answer(w, http.StatusOK, map[string]any{"Entries": results, "FailedEntryCount": failed})
}

func (e entry) size() int {
	const timeSize = 14
	return timeSize + len(e.Source) + len(e.DetailType) + len(e.Detail)
}

// take adds an entry's event, or refuses it.
func (s *Server) take(e entry) result {
	switch {
	case e.Source == "" || e.DetailType == "" || e.EventBusName != s.options.Bus:
		return result{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter Source, DetailType or EventBusName is not valid."}
	case !json.Valid([]byte(e.Detail)) || !strings.HasPrefix(strings.TrimSpace(e.Detail), "{"):
		return result{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
	}
	id, _ := uuid.New(rand.Reader) // never fails
	event := Event{
		Version: "0", ID: id.String(),
		DetailType: e.DetailType, Source: e.Source, Account: s.options.Account, Region: s.options.Region,
		Time: time.Unix(int64(e.Time), 0).UTC().Format(time.RFC3339), Resources: append([]string{}, e.Resources...), Detail: json.RawMessage(e.Detail),
	}
	s.add(event)
	return result{EventID: event.ID}
}

func writeError(w http.ResponseWriter, kind, message string) {
	answer(w, http.StatusBadRequest, map[string]string{"__type": kind, "message": message})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
