package credentials

import (
	"net"
	"net/url"
	"regexp"
	"strings"
)

// regionForm keeps a region from being anything but a label of a host name.
var regionForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`)

// regionMark stands for the region in an endpoint.
const regionMark = "{region}"

// parseEndpoint reads the URL of a token service or of a metadata service.
// Plain http is for loopback addresses, and for plainHost, which may be empty.
// The text of the URL stays out of errors: it may hold a password.
func parseEndpoint(argument, text, region, plainHost string) (*url.URL, error) {
	if strings.Contains(text, regionMark) {
		if !regionForm.MatchString(region) {
			return nil, invalid(
				"%s contains %s, and the region is not known: set `region` in the same block",
				argument,
				regionMark,
			)
		}
		text = strings.ReplaceAll(text, regionMark, strings.ToLower(region))
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, invalid("%s is not a URL of the form https://host", argument)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return nil, invalid("%s has more than a scheme and a host", argument)
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) && (plainHost == "" || u.Hostname() != plainHost) {
		return nil, invalid("%s is plain http, and its host is not a loopback address: use https", argument)
	}
	// net/http sends no empty port, and the host is signed as it is sent.
	return &url.URL{Scheme: u.Scheme, Host: strings.TrimSuffix(u.Host, ":")}, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
