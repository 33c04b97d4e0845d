package volcengine

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

const (
	// tokenLife is how long a token is kept for a repeat.
	tokenLife = 10 * time.Minute
	// maxTokens bounds what is kept; the oldest goes first.
	maxTokens = 256
)

// tokens remembers the ClientToken of each call whose outcome is open, so that a
// repeat of it is the same call to the cloud, and not a second one. The API
// wants a repeat after IdempotentProcessing to carry the same token
// (https://www.volcengine.com/docs/6396/70468).
//
// The driver is not told which calls belong together. A caller that observes before
// it repeats (as the engine does after a lost answer) needs no more than this; a
// call that asks for something else, or an observation of the target, begins
// anew, since an old token could be answered from the old call.
type tokens struct {
	mu   sync.Mutex
	open map[string]openCall
}

type openCall struct {
	intent intent
	token  string
	since  time.Time
}

// intent is all of a call that must be equal for it to be a repeat.
type intent struct {
	op    backend.Op
	ids   []string
	force bool
	// mode is the cloud's word, empty when it is not sent.
	mode string
}

func (i intent) key() string {
	ids := slices.Sorted(slices.Values(i.ids))
	return strings.Join([]string{i.op.String(), strconv.FormatBool(i.force), i.mode, strings.Join(ids, ",")}, "|")
}

func newTokens() *tokens { return &tokens{open: make(map[string]openCall)} }

// take returns the token for a call. It forgets what was open for the same
// instances with another intent.
func (t *tokens) take(in intent) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := in.key()
	for other, call := range t.open {
		if other != key && call.touches(in.ids) {
			delete(t.open, other)
		}
	}
	if call, ok := t.open[key]; ok && time.Since(call.since) < tokenLife {
		return call.token
	}
	delete(t.open, key)
	return rand.Text()
}

// settle ends a call. Its token is kept when the outcome is open.
func (t *tokens) settle(in intent, token string, isOpen bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := in.key()
	kept, ok := t.open[key]
	switch {
	case !isOpen && ok && kept.token == token:
		delete(t.open, key)
	case isOpen && !ok:
		t.makeRoom()
		in.ids = slices.Clone(in.ids)
		t.open[key] = openCall{intent: in, token: token, since: time.Now()}
	}
}

// observed forgets the calls whose aim was observed. A restarted instance
// looks like one that was not, so that a reboot only ages.
func (t *tokens) observed(id string, state backend.State) {
	var reached backend.Op
	switch state {
	case backend.Running:
		reached = backend.OpStart
	case backend.Stopped:
		reached = backend.OpStop
	default:
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for key, call := range t.open {
		if call.intent.op == reached && slices.Contains(call.intent.ids, id) {
			delete(t.open, key)
		}
	}
}

func (t *tokens) makeRoom() {
	oldest := ""
	for key, call := range t.open {
		if time.Since(call.since) >= tokenLife {
			delete(t.open, key)
			continue
		}
		if oldest == "" || call.since.Before(t.open[oldest].since) {
			oldest = key
		}
	}
	if len(t.open) >= maxTokens {
		delete(t.open, oldest)
	}
}

func (c openCall) touches(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(c.intent.ids, id) })
}
