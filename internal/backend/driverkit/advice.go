package driverkit

// AdviceGateway is for a refusal by something in front of the API. Some clouds
// have codes of their own for it.
const AdviceGateway = "A gateway in front of the API refused the request, not the API itself: check proxies, " +
	"firewalls and address allow lists between this machine " +
	"and the cloud."

// The advice of what no retry cures, and of answers that are not the API's.
const (
	adviceAuthority = "Add the authority's certificate to those that this machine trusts (SSL_CERT_FILE names a file " +
		"of them), for example that of a proxy that " +
		"inspects TLS, or correct `endpoint`."
	adviceName    = "Check `endpoint`, and whether a proxy or the DNS leads to another machine."
	adviceExpired = "Check the clock of this machine; if it is right, the owner of that host must renew the certificate."
	adviceVerify  = "Check `endpoint`, and proxies between this machine and the cloud."
	adviceRoots   = "This machine has no certificates of authorities: install them (the package ca-certificates on " +
		"many systems), or name a file of them in SSL_CERT_FILE."
	advicePlain = "Check the port of `endpoint`; https needs a port that speaks TLS. A proxy or a login page in " +
		"between may answer in its place."
	adviceTLS    = "Check the scheme and the port of `endpoint`: a port that speaks TLS needs `https://`."
	adviceSpeech = "Check the scheme and the port of `endpoint`: what listens there does not speak HTTP."
	advicePort   = "Correct the port of `endpoint`: it is from 1 to 65535."

	adviceProxyAddress = "Correct the environment variable HTTPS_PROXY (or HTTP_PROXY, in small or capital letters): " +
		"it is a URL such as http://proxy.example.com:3128. " +
		"NO_PROXY names hosts that need no proxy."
	adviceProxyLogin = "Put the user name and the password into HTTPS_PROXY " +
		"(http://user:password@proxy.example.com:3128), or except the cloud's host with NO_PROXY."
	adviceProxyPolicy = "Have the cloud's host allowed at the proxy, or except it with NO_PROXY."

	adviceHost     = "Check `endpoint`, and that this machine can resolve public names."
	adviceRegion   = "Check `region` (or `endpoint`), and that this machine can resolve public names."
	adviceLoopback = "Nothing listens at that address of this machine: start what serves it, such as the simulator, or " +
		"correct `endpoint`."

	adviceRedirect = "Something redirects the request away from the API: check `endpoint`, and proxies between this " +
		"machine and the cloud."
	adviceLoginPage = "A page comes in the place of the API's answer, such as the login page of a network: log in to " +
		"it, or check `endpoint` and proxies."
	adviceMalformed = "If it stays so, check `endpoint`: something answers there that is not the API, or speaks " +
		"another version of it."
)
