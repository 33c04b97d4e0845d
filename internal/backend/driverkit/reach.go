package driverkit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// unreached reads an exchange in which the API did not answer. Where no retry
// can help, the kind is Invalid, or Denied, and the advice says what can.
func unreached(ex Exchange, regional bool) backend.Fault {
	fault := backend.Fault{
		Kind:        backend.KindUnavailable,
		Status:      ex.Status,
		RetryAfter:  RetryAfter(ex.Header),
		Unreachable: true,
		Message:     ex.Err.Error(),
	}
	if ex.Scheme == "http" && ex.Status == http.StatusBadRequest {
		// So a server of TLS answers plain HTTP, and may then drop the connection.
		fault.Kind, fault.Advice = backend.KindInvalid, adviceTLS
		fault.Message = ex.Host + " answered plain HTTP with the status 400, as a port that speaks TLS does"
		return fault
	}
	var gateway *GatewayError
	if errors.As(ex.Err, &gateway) {
		fault.Kind, fault.Advice = ofPage(gateway)
		return fault
	}
	for _, read := range []func(Exchange) (final, bool){
		ofProxy, ofCertificate, ofHandshake, ofProtocol, ofAddress,
	} {
		if found, ok := read(ex); ok {
			fault.Kind, fault.Message, fault.Advice = found.kind, found.message, found.advice
			if found.advice == adviceRegion && !regional {
				fault.Advice = adviceHost
			}
			return fault
		}
	}
	if fault.Message == "" || errors.Is(ex.Err, io.EOF) {
		fault.Message = "the connection ended before the answer: " + ex.Err.Error()
	}
	return fault
}

// Unreached returns why a server that is not the API gave no answer, what a user can do,
// and whether no retry helps. The address of the server is the value of an argument of
// the provider, which the advice names.
func Unreached(ex Exchange, argument string) (message, advice string, final bool) {
	fault := unreached(ex, false)
	return fault.Message, naming(argument, fault.Advice), fault.Kind != backend.KindUnavailable
}

// AdvicePage is for a page in the place of the answer of such a server.
func AdvicePage(argument string) string { return naming(argument, adviceLoginPage) }

// naming returns an advice with another argument in the place of `endpoint`, which is
// that of the API.
func naming(argument, advice string) string {
	return strings.ReplaceAll(advice, "`endpoint`", "`"+argument+"`")
}

// final is why no retry helps. The host is in the message, for the user to see
// where the request went.
type final struct {
	kind            backend.Kind
	message, advice string
}

func invalid(message, advice string) (final, bool) {
	return final{backend.KindInvalid, message, advice}, true
}

// malformed is how package net/http begins its text about an answer that is not HTTP. It
// has no type for it.
const malformed = "malformed HTTP "

func ofCertificate(ex Exchange) (final, bool) {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		bad       x509.CertificateInvalidError
		roots     x509.SystemRootsError
		verify    *tls.CertificateVerificationError
	)
	of := "the certificate of " + ex.peer()
	switch {
	case errors.As(ex.Err, &roots):
		return invalid(of+" cannot be checked", adviceRoots)
	case errors.As(ex.Err, &authority):
		return invalid(of+" is from an authority that this machine does not know", adviceAuthority)
	case errors.As(ex.Err, &name):
		return invalid(of+" is for "+hostsOf(name.Certificate)+", and not for "+name.Host, adviceName)
	case errors.As(ex.Err, &bad) && bad.Reason == x509.Expired:
		from, to := bad.Cert.NotBefore.UTC().Format(time.RFC3339), bad.Cert.NotAfter.UTC().Format(time.RFC3339)
		return invalid(of+" is valid from "+from+" to "+to, adviceExpired)
	case errors.As(ex.Err, &verify):
		return invalid(of+" cannot be verified: "+verify.Err.Error(), adviceVerify)
	}
	return final{}, false
}

// refusals are the alerts by which a server declines what a client offers, such as its
// versions of TLS or a connection without a certificate. The others tell of trouble that
// may pass (RFC 8446, section 6).
var refusals = []tls.AlertError{40, 42, 43, 44, 45, 46, 48, 49, 70, 71, 109, 110, 112, 116, 120}

// unfit are the beginnings of what package crypto/tls says of a server that it cannot
// speak with. It has no types for them.
var unfit = []string{
	"tls: server", "tls: failed to parse certificate from server", "tls: invalid signature by the server certificate",
}

func ofHandshake(ex Exchange) (final, bool) {
	var op *net.OpError
	for err := ex.Err; errors.As(err, &op); err = op.Err {
		declined := func(alert tls.AlertError) bool { return op.Err.Error() == alert.Error() }
		if op.Op == "remote error" && slices.ContainsFunc(refusals, declined) {
			return invalid(ex.peer()+" declines the connection: "+op.Err.Error(), adviceVerify)
		}
	}
	_, text, _ := strings.Cut(ex.Err.Error(), "tls: ")
	text = "tls: " + text
	if slices.ContainsFunc(unfit, func(beginning string) bool { return strings.HasPrefix(text, beginning) }) {
		return invalid("no connection to "+ex.peer()+" can be made: "+text, adviceVerify)
	}
	return final{}, false
}

// hostsOf names the hosts of a certificate, as far as they fit a message.
func hostsOf(certificate *x509.Certificate) string {
	names := slices.Clone(certificate.DNSNames)
	for _, address := range certificate.IPAddresses {
		names = append(names, address.String())
	}
	const most = 5
	switch {
	case len(names) == 0:
		return "no host"
	case len(names) > most:
		names = append(names[:most], "others")
	}
	return strings.Join(names, ", ")
}

// peer names whom the connection was made to.
func (e Exchange) peer() string {
	if e.throughProxy() {
		return "the proxy"
	}
	return e.Host
}

func ofProtocol(ex Exchange) (final, bool) {
	var record tls.RecordHeaderError
	switch {
	case errors.Is(ex.Err, http.ErrSchemeMismatch), errors.As(ex.Err, &record):
		return invalid(ex.peer()+" does not speak TLS", advicePlain)
	case strings.Contains(ex.Err.Error(), malformed+"response \"\\x15\\x03"):
		// The first bytes of an alert of TLS.
		return invalid(ex.peer()+" speaks TLS, and the request was plain HTTP", adviceTLS)
	case strings.Contains(ex.Err.Error(), malformed):
		return invalid(ex.peer()+" does not speak HTTP", adviceSpeech)
	}
	return final{}, false
}

// noAddress is the text of package net for a name that resolves to nothing that a
// connection can be made to. It has no type or value for it.
const noAddress = "no suitable address found"

func ofAddress(ex Exchange) (final, bool) {
	var dns *net.DNSError
	var address *net.AddrError
	switch {
	case errors.As(ex.Err, &dns) && dns.IsNotFound:
		return invalid("the host name "+strconv.Quote(dns.Name)+" does not exist", adviceRegion)
	case errors.As(ex.Err, &address) && address.Err == noAddress:
		return invalid("the host name "+strconv.Quote(address.Addr)+" has no address", adviceRegion)
	case errors.As(ex.Err, &address):
		return invalid(fmt.Sprintf("the address %s is wrong: %s", ex.Host, address.Err), advicePort)
	case refusedHere(ex.Err):
		return invalid(ex.Err.Error(), adviceLoopback)
	}
	return final{}, false
}

// refusedHere reports whether this machine itself refused the connection. A cloud
// that does so may be back in a moment; a program that does not run will not.
func refusedHere(err error) bool {
	var dial *net.OpError
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return false
	}
	for errors.As(err, &dial) {
		if address, ok := dial.Addr.(*net.TCPAddr); ok {
			return address.IP.IsLoopback()
		}
		err = dial.Err
	}
	return false
}

// ofPage reads a page that is not the API's. One with a status of success is a
// fault too: whether the call took effect is unknown.
func ofPage(page *GatewayError) (kind backend.Kind, advice string) {
	blocked := page.Header.Get("Cf-Mitigated") != "" || page.Status == http.StatusUnavailableForLegalReasons
	kind = kindOfStatus(page.Status)
	switch {
	case page.Status == http.StatusProxyAuthRequired:
		return backend.KindDenied, adviceProxyLogin
	case page.Status == http.StatusNetworkAuthenticationRequired, page.Again:
		return backend.KindInvalid, adviceLoginPage
	case blocked, kind == backend.KindDenied:
		return backend.KindDenied, AdviceGateway
	case page.Status < http.StatusMultipleChoices:
		return backend.KindUnavailable, ""
	case page.Status < http.StatusBadRequest:
		return backend.KindInvalid, adviceRedirect
	case kind == backend.KindInvalid, kind == backend.KindOther:
		return kind, adviceMalformed
	}
	return kind, ""
}

// kindOfStatus classifies an answer whose code no table knows. A status of 0,
// where nothing was sent or no answer came, is Other; so is 404, which tells of
// a wrong path and not of an instance that is gone.
func kindOfStatus(status int) backend.Kind {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return backend.KindDenied
	case status == http.StatusRequestTimeout:
		return backend.KindUnavailable
	case status == http.StatusTooManyRequests:
		return backend.KindThrottled
	case status == http.StatusBadRequest:
		return backend.KindInvalid
	case status >= http.StatusInternalServerError:
		return backend.KindUnavailable
	}
	return backend.KindOther
}

// RetryAfter reads the standard header: seconds, or a date. It returns 0 when
// there is none that makes sense.
func RetryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// ended reports whether err is that of a context.
func ended(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
