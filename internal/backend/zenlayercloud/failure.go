package zenlayercloud

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// callError is a call that failed as a whole. errors.As reaches the vendor's
// error, and errors.Is the context's.
type callError struct {
	action string
	ids    []string
	err    error
}

func (e *callError) Error() string { return e.action + ": " + e.err.Error() }

func (e *callError) Unwrap() error { return e.err }

// answerError is an answer of status 200 that lacks what every success has.
type answerError struct {
	requestID string
	reason    string
}

func (e *answerError) Error() string { return "the answer is not complete: " + e.reason }

// refusedError is one id that the cloud lists as failed in the answer to a call
// that it otherwise accepted.
type refusedError struct {
	action    string
	requestID string
}

func (e *refusedError) Error() string {
	return e.action + ": the cloud lists the instance as failed, without a reason"
}

// fault is Busy: the likeliest reason is the state of the instance, and a look
// at it tells.
func (e *refusedError) fault() backend.Fault {
	return backend.Fault{
		Kind:        backend.KindBusy,
		Unexplained: true,
		Message:     "the cloud lists the instance as failed, without a reason",
		RequestID:   e.requestID,
		Status:      http.StatusOK,
		Advice:      adviceNoReason,
	}
}

// errNoStopCharging is a stop that the cloud cannot carry out.
var errNoStopCharging = errors.New("a stop cannot stop charging here: " + stopChargingBar)

// redactor takes the secrets of an account out of a text, should the other side
// send one back. It is a function so that printing a Driver shows no secret.
type redactor func(text string) string

// minSecret spares texts from credentials that are too short to be real ones,
// and that would be replaced inside other words.
const minSecret = 8

var signature = regexp.MustCompile(`(?i)(signature=)[0-9a-z+/=]+`)

func newRedactor(creds Credentials) redactor {
	var pairs []string
	for _, secret := range []string{creds.AccessKeyPassword, creds.Token, creds.AccessKeyID} {
		if len(secret) >= minSecret {
			pairs = append(pairs, secret, "***")
		}
	}
	replacer := strings.NewReplacer(pairs...)
	return func(text string) string {
		return signature.ReplaceAllString(replacer.Replace(text), "${1}***")
	}
}

const maxMessage = 600

// shorten cuts the middle out of a long text: the beginning says what failed,
// and the end why.
func shorten(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	const half = maxMessage / 2
	return strings.ToValidUTF8(text[:half], "") + " ... " + strings.ToValidUTF8(text[len(text)-half:], "")
}
