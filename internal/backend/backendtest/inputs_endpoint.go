package backendtest

import (
	"errors"
	"strings"
	"testing"
)

func testEndpoints(t *testing.T, in Inputs) {
	const form = ": write it as `https://host` or `https://host:port`"
	const plain = "`endpoint` is plain http, and not on a loopback address: credentials would travel unprotected, use " +
		"`https://`"
	for endpoint, want := range map[string]string{
		"host":                          "has no scheme https",
		"//host":                        "has no scheme https",
		"127.0.0.1:80":                  "has no scheme https",
		"ftp://host":                    "has no scheme https",
		"https:/host":                   "has no scheme https",
		"https://":                      "has no host",
		"https:///":                     "has no host",
		"https://:443":                  "has no host",
		"https://host/path":             "has more than a scheme and a host",
		"https://host//path":            "has more than a scheme and a host",
		`https://host\path`:             "has more than a scheme and a host",
		"https://host?query=1":          "has more than a scheme and a host",
		"https://host/?query=1":         "has more than a scheme and a host",
		"https://host#fragment":         "has more than a scheme and a host",
		"https://user@host":             "has a user name or a password",
		"https://user:hunter22@host":    "has a user name or a password",
		"https://user:hunter22@host:%z": "has a user name or a password",
		"https://host:0":                "has a port that is not from 1 to 65535",
		"https://host:65536":            "has a port that is not from 1 to 65535",
		"https://host:99999":            "has a port that is not from 1 to 65535",
		"https://host:-1":               "does not parse",
		"https://host:port":             "does not parse",
		"https://[::1":                  "does not parse",
		"https://host:%zz":              "does not parse",
		"https://ho st":                 "has a space, or a character that is not ASCII",
		"https://host\n":                "has a space, or a character that is not ASCII",
		"https://ho\u200bst":            "has a space, or a character that is not ASCII",
		"https://hôst":                  "has a space, or a character that is not ASCII",
		"https://ho_st,other":           "has a host that is no name and no address",
		"https://.host":                 "has a host that is no name and no address",
		"https://{zone}.host":           "does not parse",
		"https://{region.host":          "does not parse",
		"https://-host":                 "has a host that is no name and no address",
	} {
		_, err := in.Open(in.keys(false), in.Region, endpoint, nil)
		wantError(t, err, "`endpoint` "+want+form, "hunter22", "%zz")
	}
	for _, endpoint := range []string{
		"http://host", "http://192.0.2.1", "http://localhost.example.com", "http://127.0.0.1.example.com:80",
	} {
		_, err := in.Open(in.keys(false), in.Region, endpoint, nil)
		wantError(t, err, plain)
	}
	accepted := map[string]string{
		"https://host":                 "https://host",
		"HTTPS://Host.Example.Com":     "https://Host.Example.Com",
		"https://host/":                "https://host",
		"https://host:":                "https://host",
		"https://host:8443/":           "https://host:8443",
		"https://192.0.2.1":            "https://192.0.2.1",
		"https://xn--hst-sna.example.": "https://xn--hst-sna.example.",
		"https://[2001:db8::1]:443":    "https://[2001:db8::1]:443",
		"http://127.0.0.1:8080":        "http://127.0.0.1:8080",
		"http://localhost:8080":        "http://localhost:8080",
		"http://[::1]:8080":            "http://[::1]:8080",
	}
	if in.Region == "" {
		_, err := in.Open(in.keys(false), "", "https://ecs.{region}.example.com", nil)
		wantError(t, err, "`endpoint` has {region}, and this cloud has no regions"+form)
	} else {
		accepted["https://ecs.{region}.example.com:443"] = "https://ecs." + in.Region + ".example.com:443"
	}
	for endpoint, want := range accepted {
		base := &answers{list: []answer{{err: errors.New("no network")}}}
		driver, err := in.Open(in.keys(false), in.Region, endpoint, base)
		if err != nil {
			t.Errorf("%s: got %v, want no error", endpoint, err)
			continue
		}
		in.fails(t, driver)
		got := base.last.URL.Scheme + "://" + base.last.URL.Host
		// Some clouds leave out the port that the scheme has anyway.
		if got != want && got != strings.TrimSuffix(want, ":443") {
			t.Errorf("%s: the request went to %s, want %s", endpoint, got, want)
		}
	}
}
