package simulator

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// defaultHang bounds how long a lost answer keeps a client waiting.
const defaultHang = Duration(time.Minute)

// serve takes one request through a protocol and the troubles of calls.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, wire Protocol) {
	cloud := wire.Cloud()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		writeError(w, http.StatusRequestEntityTooLarge, err)
		return
	}
	if err != nil {
		writeError(w, http.StatusBadRequest, err)
		return
	}
	req := &Request{HTTP: r, Body: body, cloud: cloud, Call: &Call{
		Time: time.Now(), Cloud: cloud.Name(), RequestID: newUUID(), UserAgent: r.UserAgent(), Op: OpOther,
	}}
	refusal := wire.Parse(req)
	cloud.log(req.Call)

	if refusal == nil && !cloud.admit(req.Call) {
		usual := wire.Default(Throttle)
		refusal = &usual
	}
	if refusal != nil {
		s.deliver(w, req, wire.Refuse(req, *refusal))
		return
	}
	t := cloud.meet(req)
	if t == nil {
		s.deliver(w, req, wire.Serve(req))
		return
	}
	s.hit(w, req, wire, t)
}

// meet finds the troubles that hit the call as a whole.
func (c *Cloud) meet(req *Request) *Trouble {
	c.mu.Lock()
	defer c.mu.Unlock()
	if req.Call.Op == OpDescribe {
		req.empty = c.hit(req.Call, req.Call.InstanceIDs, EmptyList)
		req.hide = c.hiding(req.Call)
	}
	req.extra = c.hit(req.Call, req.Call.InstanceIDs, UnknownFields) != nil
	t := c.hit(req.Call, req.Call.InstanceIDs, exclusive...)
	switch {
	case t != nil:
		req.Call.Trouble = t.Kind
	case req.empty != nil:
		req.Call.Trouble = EmptyList
	case len(req.hide) > 0:
		req.Call.Trouble = Hidden
	case req.extra:
		req.Call.Trouble = UnknownFields
	}
	return t
}

// hiding returns the troubles that hide instances from this describe. A listing
// names no ids, so those of the trouble are no condition for it.
func (c *Cloud) hiding(call *Call) []Trouble {
	now := time.Now()
	var all []Trouble
	for _, t := range c.troubles {
		ids := call.InstanceIDs
		if len(ids) == 0 {
			ids = t.InstanceIDs
		}
		if t.matches(Hidden, call, ids, now) && t.take() {
			all = append(all, t.Trouble)
		}
	}
	return all
}

// hit serves a call that an exclusive trouble hit.
func (s *Server) hit(w http.ResponseWriter, req *Request, wire Protocol, t *Trouble) {
	switch t.Kind {
	case Throttle, Error:
		d := Denial{Code: t.Code, HTTPStatus: t.Status, Message: t.Message}
		refusal := d.Refusal(wire.Default(t.Kind))
		refusal.RetryAfter = t.RetryAfter.Std()
		s.deliver(w, req, wire.Refuse(req, refusal))
	case GatewayPage:
		status := t.Status
		if status == 0 {
			status = http.StatusForbidden
		}
		s.page(w, req, status, t)
	case ServerError:
		if t.Effect {
			wire.Serve(req)
		}
		status := t.Status
		if status == 0 {
			status = http.StatusBadGateway
		}
		s.page(w, req, status, t)
	case ResetBefore:
		s.cut(w, req)
	case ResetAfter:
		wire.Serve(req)
		s.cut(w, req)
	case LostAnswer:
		wire.Serve(req)
		delay := t.Delay
		if delay == 0 {
			delay = defaultHang
		}
		s.wait(req, delay.Std())
		s.cut(w, req)
	case Slow:
		answer := wire.Serve(req)
		if !s.wait(req, t.Delay.Std()) {
			s.cut(w, req)
			return
		}
		s.deliver(w, req, answer)
	default:
		s.deliver(w, req, wire.Serve(req))
	}
}

// wait lets time pass and reports whether the client is still there after it.
func (s *Server) wait(req *Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return req.Context().Err() == nil
	case <-req.Context().Done():
	case <-s.closing:
	}
	return false
}

// deliver writes an answer of the cloud.
func (s *Server) deliver(w http.ResponseWriter, req *Request, a Answer) {
	if req.extra {
		a.Body = withUnknownFields(a.Body)
	}
	maps.Copy(w.Header(), a.Header)
	s.write(w, req, a)
}

// page writes an HTML page, as a gateway before the cloud does.
func (s *Server) page(w http.ResponseWriter, req *Request, status int, t *Trouble) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if t.RetryAfter > 0 {
		w.Header().Set("Retry-After", retryAfter(t.RetryAfter.Std()))
	}
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	body := fmt.Appendf(nil, "<html>\n<head><title>%s</title></head>\n<body><h1>%s</h1>%s</body>\n</html>\n", title, title,
		t.Message)
	s.write(w, req, Answer{Status: status, Body: body, Code: "http." + strconv.Itoa(status)})
	if req.Call.Op.Write() && status >= http.StatusInternalServerError {
		req.cloud.amend(req.Call, func(k *Call) { k.Lost = !k.DryRun })
	}
}

// write notes in the log what the client gets, then sends it: a client that
// reads the log after its answer finds the call complete.
func (s *Server) write(w http.ResponseWriter, req *Request, a Answer) {
	gone := req.Context().Err() != nil
	req.cloud.amend(req.Call, func(k *Call) {
		k.HTTPStatus, k.Code, k.Delivered = a.Status, a.Code, !gone
		k.Lost = gone && k.Op.Write() && !k.DryRun
	})
	w.Header().Set("Date", req.cloud.Now().UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	if _, err := w.Write(a.Body); err != nil {
		req.cloud.amend(req.Call, func(k *Call) {
			k.Delivered = false
			k.Lost = k.Op.Write() && !k.DryRun
		})
	}
}

// cut ends the connection without an answer. A reset shows the client that the
// connection broke; it cannot be taken for an answer that is empty.
func (s *Server) cut(w http.ResponseWriter, req *Request) {
	req.cloud.amend(req.Call, func(k *Call) { k.Lost = k.Op.Write() && !k.DryRun })
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// Only HTTP/1 can be hijacked, and nothing else is served.
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		// Without lingering, closing sends a reset. It is best effort: the
		// connection is closed all the same.
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// withUnknownFields adds fields to every object of a JSON body; any other body
// is left as it is.
func withUnknownFields(body []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return body
	}
	addUnknown(v)
	out, err := json.Marshal(v)
	if err != nil {
		return body
	}
	return out
}

func addUnknown(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Collect(maps.Keys(v)) {
			addUnknown(v[key])
		}
		v["SimulatorUnknownText"] = "a field that no page lists"
		v["SimulatorUnknownList"] = []any{map[string]any{"Number": 1}}
	case []any:
		for _, item := range v {
			addUnknown(item)
		}
	}
}

// retryAfter formats a duration for the header of that name: whole seconds, at
// least one.
func retryAfter(d time.Duration) string {
	return strconv.FormatInt(int64(max(1, (d+time.Second-1)/time.Second)), 10)
}

// SetRetryAfter puts the header Retry-After on an answer when the refusal has a
// time.
func SetRetryAfter(a *Answer, refusal Refusal) {
	if refusal.RetryAfter <= 0 {
		return
	}
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set("Retry-After", retryAfter(refusal.RetryAfter))
}

// newUUID makes a request id.
func newUUID() string {
	var b [16]byte
	// Read never fails (crypto/rand documents that it ends the program instead).
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// writeError writes an answer of the control interface that is no success.
func writeError(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]any{"error": err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"cannot encode the answer"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client may be gone; nobody else is there to be told.
	_, _ = w.Write(append(body, '\n'))
}
