// Package runtimeapi is a Lambda Runtime API on loopback, for tests and benchmarks: it starts a bootstrap as Lambda
// does, gives it invocations, and takes what it answers (Lambda Developer Guide, "Using the Lambda runtime API for
// custom runtimes").
//
// It serves one process with one invocation at a time. It freezes nothing, limits neither CPU nor memory, retries
// nothing, and knows no other AWS service. Nothing that is deployed links it.
package runtimeapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Invocation is what Lambda hands to the function.
type Invocation struct {
	RequestID string        // Lambda keeps it over the retries of one event
	Payload   []byte        // the event, JSON
	Timeout   time.Duration // the function's timeout, from which the deadline is made; 0 means 60 s
}

// Result is what the function made of an Invocation.
type Result struct {
	Payload   []byte
	Error     *FunctionError // nil where the function succeeded
	Delivered time.Time      // when the event was about to be written to the function
	Answered  time.Time      // when the answer had arrived
}

// FunctionError is the error that a function reported, for an invocation or for its start.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error is the message.
func (e *FunctionError) Error() string { return e.Message }

const apiRoot = "/2018-06-01/runtime"

// largestAnswer is Lambda's limit for the answer to a synchronous invocation.
const largestAnswer = 6 << 20

// server answers the four paths of the Runtime API.
type server struct {
	listener net.Listener
	http     *http.Server
	queue    chan *pending
	closed   chan struct{}

	firstPoll chan time.Time      // one value, at the first GET …/next
	initError chan *FunctionError // one value, at POST …/init/error
	mu        sync.Mutex          // guards the two below
	polled    bool                // the first poll was seen
	running   map[string]*pending // by request ID
}

// pending is an invocation on its way.
type pending struct {
	Invocation
	delivered time.Time
	result    chan Result
}

func newServer(ctx context.Context) (*server, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the Runtime API: %w", err)
	}
	s := &server{
		listener:  listener,
		queue:     make(chan *pending),
		closed:    make(chan struct{}),
		running:   make(map[string]*pending),
		firstPoll: make(chan time.Time, 1),
		initError: make(chan *FunctionError, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+apiRoot+"/invocation/next", s.next)
	mux.HandleFunc("POST "+apiRoot+"/invocation/{id}/response", s.response)
	mux.HandleFunc("POST "+apiRoot+"/invocation/{id}/error", s.failure)
	mux.HandleFunc("POST "+apiRoot+"/init/error", s.initFailure)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // ends with close
	return s, nil
}

func (s *server) address() string { return s.listener.Addr().String() }

func (s *server) close() error {
	close(s.closed)
	if err := s.http.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the Runtime API: %w", err)
	}
	return nil
}

// next holds the poll until there is an invocation.
func (s *server) next(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	s.mu.Lock()
	if !s.polled {
		s.polled = true
		s.firstPoll <- now
	}
	s.mu.Unlock()
	select {
	case p := <-s.queue:
		s.deliver(w, p)
	case <-r.Context().Done():
	case <-s.closed:
	}
}

func (s *server) deliver(w http.ResponseWriter, p *pending) {
	timeout := p.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	p.delivered = time.Now()
	s.mu.Lock()
	s.running[p.RequestID] = p
	s.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", p.RequestID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(p.delivered.Add(timeout).UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:111122223333:function:trailkeeper-Guard")
	h.Set("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0")
	_, _ = w.Write(p.Payload) // a function that went away is noticed by its exit
}

func (s *server) response(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, func(body []byte) Result { return Result{Payload: body} })
}

func (s *server) failure(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, func(body []byte) Result { return Result{Error: functionError(body)} })
}

// answer ends the invocation that the path names.
func (s *server) answer(w http.ResponseWriter, r *http.Request, result func(body []byte) Result) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestAnswer))
	if err != nil {
		http.Error(w, `{"errorType":"Function.ResponseSizeTooLarge"}`, http.StatusRequestEntityTooLarge)
		return
	}
	id := r.PathValue("id")
	s.mu.Lock()
	p, ok := s.running[id]
	delete(s.running, id)
	s.mu.Unlock()
	if !ok {
		http.Error(w, `{"errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	res := result(body)
	res.Delivered, res.Answered = p.delivered, time.Now()
	p.result <- res
	w.WriteHeader(http.StatusAccepted)
}

func (s *server) initFailure(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestAnswer))
	if err == nil {
		select {
		case s.initError <- functionError(body):
		default: // only the first counts
		}
	}
	w.WriteHeader(http.StatusAccepted)
}

// functionError reads the body of an error report; what is no JSON becomes the message.
func functionError(body []byte) *FunctionError {
	var e FunctionError
	if err := json.Unmarshal(body, &e); err != nil || e == (FunctionError{}) {
		return &FunctionError{Message: string(body)}
	}
	return &e
}
