package driverkit

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// throughProxy reports whether an error is about the connection to a proxy.
func (e Exchange) throughProxy() bool {
	var op *net.OpError
	if errors.As(e.Err, &op) && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks")) {
		return true
	}
	// What answers a request, and not the CONNECT before it, breaks a connection.
	text := e.Err.Error()
	return e.Scheme == "https" && strings.Contains(text, malformed) && !strings.Contains(text, "connection broken")
}

func ofProxy(ex Exchange) (final, bool) {
	var proxy *ProxyError
	if errors.As(ex.Err, &proxy) {
		switch {
		case proxy.Host == "":
			return invalid(proxy.Error(), adviceProxyAddress)
		case proxy.Status == http.StatusProxyAuthRequired || proxy.Status == http.StatusUnauthorized:
			return final{backend.KindDenied, proxy.Error(), adviceProxyLogin}, true
		case proxy.Status >= http.StatusInternalServerError:
			return final{}, false
		}
		return final{backend.KindDenied, proxy.Error(), adviceProxyPolicy}, true
	}
	if !ex.throughProxy() {
		return final{}, false
	}
	if found, ok := ofProtocol(ex); ok {
		return invalid(found.message, adviceProxyAddress)
	}
	var dns *net.DNSError
	var address *net.AddrError
	switch {
	case errors.As(ex.Err, &dns) && dns.IsNotFound:
		return invalid("the host name of the proxy, "+strconv.Quote(dns.Name)+", does not exist", adviceProxyAddress)
	case errors.As(ex.Err, &address) && address.Err == noAddress:
		return invalid("the host name of the proxy, "+strconv.Quote(address.Addr)+", has no address", adviceProxyAddress)
	case errors.As(ex.Err, &address):
		return invalid("the address of the proxy is wrong: "+address.Err, adviceProxyAddress)
	case refusedHere(ex.Err):
		return invalid("nothing listens at the address of the proxy on this machine", adviceProxyAddress)
	}
	return ofSOCKS(ex.Err.Error())
}

// ofSOCKS reads what package net/http says of a proxy of SOCKS. It has no types for it.
func ofSOCKS(text string) (final, bool) {
	const ruleset = "connection not allowed by ruleset"
	refused := func(advice, why string) (final, bool) {
		return final{backend.KindDenied, "the proxy refused the connection: " + why, advice}, true
	}
	if strings.HasSuffix(text, ruleset) {
		return refused(adviceProxyPolicy, ruleset)
	}
	for _, why := range []string{"no acceptable authentication methods", "username/password authentication failed"} {
		if strings.HasSuffix(text, why) {
			return refused(adviceProxyLogin, why)
		}
	}
	if strings.Contains(text, "unexpected protocol version ") {
		return invalid("the proxy does not speak SOCKS", adviceProxyAddress)
	}
	return final{}, false
}
