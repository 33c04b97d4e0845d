package driverkit

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Endpoint is where an API is served.
type Endpoint struct {
	// Scheme is https, or http on a loopback address.
	Scheme string
	// Host is the host name or address, with the port where there is one.
	Host string
}

// String returns the URL, without a slash at the end.
func (e Endpoint) String() string { return e.Scheme + "://" + e.Host }

// RegionMark stands for the region in an endpoint.
const RegionMark = "{region}"

// hostForm is a host name of ASCII labels, a name in another script included in
// its form for the DNS.
var hostForm = regexp.MustCompile(
	`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`,
)

const endpointExample = "write it as `https://host` or `https://host:port`"

// ParseEndpoint reads the argument `endpoint`: see EndpointArgument.Parse.
func ParseEndpoint(text, region string) (Endpoint, error) {
	return EndpointArgument{Name: "`endpoint`"}.Parse(text, region)
}

// EndpointArgument is an argument, or a variable, that holds an endpoint.
type EndpointArgument struct {
	// Name is how errors call it.
	Name string
	// PlainHost may be reached by plain http too. It may be empty.
	PlainHost string
}

// Parse reads an endpoint: a URL with scheme and host, and a port where the API
// is not at the usual one. {region} in the host stands for the region, which is
// empty where a cloud has none. Plain http is for loopback addresses and for
// PlainHost, since credentials would travel unprotected. No error repeats the
// text, which may hold a password.
func (a EndpointArgument) Parse(text, region string) (Endpoint, error) {
	refuse := func(reason string) (Endpoint, error) {
		return Endpoint{}, fmt.Errorf("%s %s: %s", a.Name, reason, endpointExample)
	}
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "https" && scheme != "http" {
		return refuse("has no scheme https")
	}
	if strings.Contains(rest, RegionMark) {
		if region == "" {
			return refuse("has " + RegionMark + ", and this cloud has no regions")
		}
		rest = strings.ReplaceAll(rest, RegionMark, region)
	}
	rest = strings.TrimRight(rest, "/")
	if strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return refuse("has a space, or a character that is not ASCII")
	}
	authority, _, more := cutAny(rest, "/?#\\")
	switch {
	case strings.Contains(authority, "@"):
		return refuse("has a user name or a password")
	case more:
		return refuse("has more than a scheme and a host")
	}
	u, err := url.Parse(scheme + "://" + authority)
	if err != nil {
		// A port that is no number, an address whose bracket is open.
		return refuse("does not parse")
	}
	host := u.Hostname()
	_, notAddress := netip.ParseAddr(host)
	switch {
	case host == "":
		return refuse("has no host")
	case notAddress != nil && !hostForm.MatchString(host):
		return refuse("has a host that is no name and no address")
	case u.Port() != "" && !validPort(u.Port()):
		return refuse("has a port that is not from 1 to 65535")
	case scheme == "http" && !IsLoopback(host) && (a.PlainHost == "" || host != a.PlainHost):
		return Endpoint{}, fmt.Errorf(
			"%s is plain http, and not on a loopback address: credentials would travel unprotected, use `https://`", a.Name,
		)
	}
	// net/http sends no empty port, and the host is signed as it is sent.
	return Endpoint{Scheme: scheme, Host: strings.TrimSuffix(u.Host, ":")}, nil
}

func cutAny(text, chars string) (before, after string, found bool) {
	at := strings.IndexAny(text, chars)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+1:], true
}

func validPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0
}

// IsLoopback reports whether a host is this machine, by its form alone.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
