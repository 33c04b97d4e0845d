package driverkit

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Codes is the table of a cloud's error codes.
type Codes struct {
	// Exact are the codes that its reference lists. One that means something else
	// with a certain HTTP status is there a second time, with the status behind a
	// space.
	Exact map[string]Entry
	// Families are the beginnings of codes that come with many endings. The
	// longest one decides.
	Families map[string]Entry
	// Otherwise reads a code that is in neither, with its HTTP status. It may
	// be nil.
	Otherwise func(code string, status int) (Entry, bool)
}

// Entry is what is known of a code.
type Entry struct {
	Kind  backend.Kind
	Blame Blame
	// ModeRefused is that of backend.Fault.
	ModeRefused bool
	// Advice is what the user can do, as a sentence, where the kind does not
	// tell.
	Advice string
	// Clock is set where the reason may be the clock of this machine: how much it is
	// off is then added to the advice.
	Clock bool
}

// Blame is whose fault the refusal of a call of several ids is.
type Blame int

const (
	// ByKind is what the kind tells: throttling, failures inside the cloud and
	// denials are of the whole call, any other refusal may be due to one id.
	ByKind Blame = iota
	// WholeCall is a code that is about the call as such.
	WholeCall
	// OneID is a code that may be about one id, though its kind does not tell: a
	// policy may permit an operation on some instances alone.
	OneID
)

// Lookup returns what is known of a code: of the code itself, or of the longest
// family that it begins with.
func (c Codes) Lookup(code string) (Entry, bool) {
	if found, ok := c.Exact[code]; ok {
		return found, true
	}
	best, known := "", false
	for prefix := range c.Families {
		if strings.HasPrefix(code, prefix) && len(prefix) >= len(best) {
			best, known = prefix, true
		}
	}
	return c.Families[best], known
}

// read classifies a code that came with a status. A status of its own for too
// many calls says so whatever the code.
func (c Codes) read(code string, status int) Entry {
	kind := kindOfStatus(status)
	if kind == backend.KindThrottled {
		return Entry{Kind: kind}
	}
	if found, ok := c.Exact[code+" "+strconv.Itoa(status)]; ok {
		return found
	}
	if found, ok := c.Lookup(code); ok {
		return found
	}
	if c.Otherwise != nil {
		if found, ok := c.Otherwise(code, status); ok {
			return found
		}
	}
	if status == http.StatusForbidden {
		return Entry{Kind: kind, Blame: OneID}
	}
	return Entry{Kind: kind}
}

// mayBeOne reports whether one id of a call may be why all of it was refused.
func (e Entry) mayBeOne() bool {
	switch {
	case e.Kind == backend.KindThrottled, e.Kind == backend.KindUnavailable, e.Blame == WholeCall:
		return false
	case e.Kind == backend.KindDenied:
		return e.Blame == OneID
	}
	return true
}

// named returns those of ids that stand in text as words of their own, in their
// order: a cloud has no other place for them. What an id is made of does not matter,
// as long as no letter, digit, hyphen or underscore stands next to it.
func named(text string, ids []string) []string {
	var found []string
	for _, id := range ids {
		if hasWord(text, id) {
			found = append(found, id)
		}
	}
	return found
}

func hasWord(text, word string) bool {
	for at := 0; word != ""; at++ {
		next := strings.Index(text[at:], word)
		if next < 0 {
			break
		}
		at += next
		end := at + len(word)
		if (at == 0 || !ofWord(text[at-1])) && (end == len(text) || !ofWord(text[end])) {
			return true
		}
	}
	return false
}

func ofWord(b byte) bool {
	return b == '-' || b == '_' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
