package simulator

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Wire is the protocol of one cloud over HTTP: the service that the cloud is
// simulated for, and what programs need to know to use it.
type Wire interface {
	Protocol

	// DemoFleet is a small fleet with ids that are valid for this cloud and
	// easy to read. All of it fits the demo credentials.
	DemoFleet() []Instance

	// Environment lists the variables, as KEY=value, that make a client of this
	// cloud use the simulator at a base URL such as http://127.0.0.1:8090, with
	// the demo credentials. The provider has no variable for its endpoints.
	Environment(baseURL string) []string
}

// Request is one request on its way through a wire.
type Request struct {
	HTTP *http.Request
	// Body is the whole body, already read.
	Body []byte
	// Call is the entry in the log. Parse fills it in and may replace its
	// RequestID; after that it changes only inside Do, since the log is read
	// while the call is served.
	Call *Call
	// Params is the wire's own.
	Params any

	cloud  *Cloud
	caller Credential // the key that signed the call, once Identify was called
	empty  *Trouble   // EmptyList hit this call
	hide   []Trouble
	extra  bool // UnknownFields hit this call
}

// Context returns the context of the HTTP request.
func (r *Request) Context() context.Context { return r.HTTP.Context() }

// Hit looks for a trouble of one of the wire's own kinds for the call as a
// whole, and counts it.
func (r *Request) Hit(kinds ...Kind) *Trouble {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	t := r.cloud.hit(r.Call, r.Call.InstanceIDs, kinds...)
	if t != nil {
		r.Call.Trouble = t.Kind
	}
	return t
}

// Do runs f with the cloud locked, so that what f checks and what it applies
// is one step. It must not call methods of the Cloud itself.
func (r *Request) Do(f func(tx *Tx) Answer) Answer {
	r.cloud.mu.Lock()
	defer r.cloud.mu.Unlock()
	return f(&Tx{cloud: r.cloud, req: r, now: time.Now()})
}

// Unique returns the ids of a call in their order, each once: an instance that is
// named twice is operated once.
func Unique(ids []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, id := range ids {
		if !seen[id] {
			out = append(out, id)
		}
		seen[id] = true
	}
	return out
}

// Refusal is an error that a cloud answers. A zero Status leaves it to the
// wire.
type Refusal struct {
	Code       string
	Message    string
	Status     int
	RetryAfter time.Duration
}

// Error implements error.
func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Answer is what goes back over HTTP.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Code is the error code of the whole call, for the log.
	Code string
}

// JSON makes an answer of a value.
func JSON(status int, v any) Answer {
	body, err := json.Marshal(v)
	if err != nil {
		return Answer{Status: http.StatusInternalServerError, Body: []byte(err.Error()), Code: "simulator.Marshal"}
	}
	return Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: body}
}
