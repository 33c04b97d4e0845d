package simulator

import "net/http"

// Protocol is how one service of a cloud speaks over HTTP. It reads
// requests, checks them as the service does, and shapes answers and errors; the
// shared machine does the rest.
//
// For each request the server calls Parse. When that refuses, or a rate limit
// or a trouble does, it calls Refuse for the shape of the error. Else it calls
// Serve.
type Protocol interface {
	// Cloud is the simulated cloud that the service belongs to.
	Cloud() *Cloud

	// Match reports whether a request is for this service, by its headers, path
	// and query alone. It must not claim another service's requests.
	Match(r *http.Request) bool

	// Parse reads and authenticates a request, and fills in the fields of
	// req.Call that the request determines: at the least Action, Op, Region,
	// and InstanceIDs. What the service reads beside that goes into req.Params.
	// It has no effect on the cloud, and fills in what it can even when it
	// refuses, so that the log names the action of a refused call.
	Parse(req *Request) *Refusal

	// Serve carries out a request that Parse took. An error of the cloud's own
	// is an Answer too, made with Refuse.
	Serve(req *Request) Answer

	// Refuse shapes an error as the service does.
	Refuse(req *Request, refusal Refusal) Answer

	// Default is the refusal of a trouble of kind Throttle or Error whose Code,
	// Status or Message is not set.
	Default(kind Kind) Refusal
}

// MultiWire is a wire whose cloud has services beside the one that the wire
// itself speaks for, such as a token service. A request is matched with them before
// it is matched with the wires, since their conditions are narrower.
type MultiWire interface {
	Wire
	Protocols() []Protocol
}

// The names that calls of these services have in the log, and that a trouble
// can name as its action to hit all calls of the service.
const (
	TokenService    = "sts"
	MetadataService = "metadata"
)

// protocols returns the protocols of all wires in the order of matching.
func protocols(wires []Wire) []Protocol {
	var all []Protocol
	for _, w := range wires {
		if m, ok := w.(MultiWire); ok {
			all = append(all, m.Protocols()...)
		}
	}
	for _, w := range wires {
		all = append(all, w)
	}
	return all
}
