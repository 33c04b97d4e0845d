package simulator

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The names of the calls of a metadata service in the log.
const (
	MetadataToken = "metadata:token"
	MetadataRole  = "metadata:role"
	MetadataKeys  = "metadata:keys"
)

// MetadataWords are the paths, headers and answers of a cloud's metadata service.
type MetadataWords struct {
	// Host is the service's own address.
	Host string
	// TokenPath is where a PUT with TTLHeader, a number of seconds, gets the token
	// that TokenHeader carries. A service without token mode has none of them.
	TokenPath, TTLHeader, TokenHeader string
	// RolesPath is where the name of the role is, and with a name after it the
	// keys.
	RolesPath string
	// List writes the name of the role, Keys its keys.
	List func(r *http.Request, role string) Answer
	Keys func(g Grant) Answer
}

// The switches of a metadata service and their values.
const (
	// MetadataTokens: whether a machine lets keys be read without a token, or
	// knows no tokens.
	MetadataTokens = "metadata_tokens"
	Optional       = "optional"
	Required       = "required"
	Absent         = "absent"

	// MetadataUnauthorized: the status of a request without a good token where
	// one is required. No page has it.
	MetadataUnauthorized = "metadata_unauthorized"

	// MetadataProxy: a request that was written for a proxy, with the whole URL
	// in its first line. A service on a link-local address gets none.
	MetadataProxy = "metadata_proxy"
	Served        = "served"

	// MetadataHost: a request for a host that is neither the service's address
	// nor this machine's.
	MetadataHost = "metadata_host"
)

// Settings are the switches of the service.
func (w MetadataWords) Settings() []Setting {
	var all []Setting
	if w.TokenPath != "" {
		all = []Setting{
			{
				Name: MetadataTokens, Doc: "reading metadata without a token; absent: the service knows no tokens",
				Values: []string{Optional, Required, Absent},
			},
			{
				Name: MetadataUnauthorized, Doc: "HTTP status of a metadata request without a good token",
				Values: []string{"403", "401"},
			},
		}
	}
	return append(all,
		Setting{Name: MetadataProxy, Doc: "a metadata request in the form for a proxy", Values: []string{Refused, Served}},
		Setting{Name: MetadataHost, Doc: "a metadata request for another host", Values: []string{Refused, Served}},
	)
}

// longestToken is the longest life of a metadata token
// (https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata/).
const longestToken = 21600

// machineLife is the life of keys of the metadata service where Machine.KeyLife is
// not set.
const machineLife = 6 * time.Hour

// machineSession is the session of the keys of a machine.
const machineSession = "i-simulator"

type metadata struct {
	cloud *Cloud
	words MetadataWords
}

// NewMetadata returns the metadata service of a cloud. It answers in text and
// JSON, and with a page where it refuses.
func NewMetadata(cloud *Cloud, words MetadataWords) Protocol { return &metadata{cloud, words} }

// Cloud implements Protocol.
func (m *metadata) Cloud() *Cloud { return m.cloud }

// Match implements Protocol. Two clouds have the same path for tokens: the
// header tells them apart, and a request without any is for the first of them.
func (m *metadata) Match(r *http.Request) bool {
	roles := strings.TrimSuffix(m.words.RolesPath, "/")
	if m.words.TokenPath != "" && r.URL.Path == m.words.TokenPath {
		return r.Header.Get(m.words.TTLHeader) != "" || !namesTTL(r.Header)
	}
	return r.URL.Path == roles || strings.HasPrefix(r.URL.Path, roles+"/")
}

// namesTTL reports whether there is a header for the life of a token.
func namesTTL(h http.Header) bool {
	for name := range h {
		if strings.HasSuffix(strings.ToLower(name), "-metadata-token-ttl-seconds") && h.Get(name) != "" {
			return true
		}
	}
	return false
}

// role is the name of the role in the path of a request.
func (m *metadata) role(r *http.Request) string {
	return strings.Trim(strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(m.words.RolesPath, "/")), "/")
}

func page(status int) *Refusal {
	return &Refusal{Code: "http." + strconv.Itoa(status), Status: status, Message: http.StatusText(status)}
}

// Parse implements Protocol.
func (m *metadata) Parse(req *Request) *Refusal {
	r, call := req.HTTP, req.Call
	call.Service = MetadataService
	method := http.MethodGet
	switch {
	case m.words.TokenPath != "" && r.URL.Path == m.words.TokenPath:
		call.Action, method = MetadataToken, http.MethodPut
	case m.role(r) == "":
		call.Action = MetadataRole
	default:
		call.Action, call.Role = MetadataKeys, m.role(r)
	}
	switch {
	case r.URL.IsAbs() && m.cloud.Setting(MetadataProxy) == Refused:
		return page(http.StatusBadRequest)
	case !m.hosts(r.Host) && m.cloud.Setting(MetadataHost) == Refused:
		return page(http.StatusForbidden)
	case call.Action == MetadataToken && m.cloud.Setting(MetadataTokens) == Absent:
		return page(http.StatusNotFound)
	case r.Method != method:
		return page(http.StatusMethodNotAllowed)
	case call.Action != MetadataToken:
		return m.authorize(r)
	}
	seconds, err := strconv.Atoi(r.Header.Get(m.words.TTLHeader))
	if err != nil || seconds < 1 || seconds > longestToken {
		return page(http.StatusBadRequest)
	}
	req.Params = time.Duration(seconds) * time.Second
	return nil
}

// hosts reports whether a request may name the host: the service's own, or this
// machine.
func (m *metadata) hosts(host string) bool {
	return host == m.words.Host || LoopbackHost(host)
}

// LoopbackHost reports whether a request for the host, with a port or without,
// stays on this machine.
func LoopbackHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// authorize checks the token of a request. One that is wrong is refused also
// where none is required.
func (m *metadata) authorize(r *http.Request) *Refusal {
	mode := m.cloud.Setting(MetadataTokens)
	if m.words.TokenPath == "" || mode == Absent {
		return nil
	}
	token := r.Header.Get(m.words.TokenHeader)
	if token == "" && mode == Optional {
		return nil
	}
	m.cloud.mu.Lock()
	end, ok := m.cloud.identities.metadataTokens[token]
	now := m.cloud.clock()
	m.cloud.mu.Unlock()
	if ok && now.Before(end) {
		return nil
	}
	status := http.StatusForbidden
	if m.cloud.Setting(MetadataUnauthorized) == "401" {
		status = http.StatusUnauthorized
	}
	return page(status)
}

// Serve implements Protocol.
func (m *metadata) Serve(req *Request) Answer {
	return req.Do(func(tx *Tx) Answer {
		i := &tx.cloud.identities
		if life, ok := req.Params.(time.Duration); ok {
			token := random(28)
			if i.metadataTokens == nil {
				i.metadataTokens = map[string]time.Time{}
			}
			i.metadataTokens[token] = tx.Clock().Add(life)
			return Text(token)
		}
		role := i.role(i.machine.Account, i.machine.Role)
		if role == nil || !slices.Contains([]string{"", role.Name}, req.Call.Role) {
			return m.Refuse(req, *page(http.StatusNotFound))
		}
		if req.Call.Action == MetadataRole {
			return m.words.List(req.HTTP, role.Name)
		}
		return m.words.Keys(tx.machine(*role))
	})
}

// machine returns the keys of the machine's role: the same ones until half of
// their life is over.
func (tx *Tx) machine(role Role) Grant {
	i := &tx.cloud.identities
	if g := i.machineKeys; g != nil {
		if left := g.Expires.Sub(tx.Clock()); left > g.Expires.Sub(g.Since)/2 {
			return *g
		}
	}
	life := i.machine.KeyLife.Std()
	if life == 0 {
		life = machineLife
	}
	g := tx.issue(role, machineSession, life, nil)
	i.machineKeys = &g
	return g
}

// Refuse implements Protocol.
func (m *metadata) Refuse(_ *Request, refusal Refusal) Answer {
	status := refusal.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	a := Answer{
		Status: status, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Code: refusal.Code,
		Body: fmt.Appendf(nil, "<html><head><title>%d %s</title></head><body>%[2]s</body></html>\n", status, refusal.Message),
	}
	SetRetryAfter(&a, refusal)
	return a
}

// Default implements Protocol.
func (m *metadata) Default(kind Kind) Refusal {
	if kind == Throttle {
		return *page(http.StatusTooManyRequests)
	}
	return *page(http.StatusInternalServerError)
}

// Text makes an answer of plain text.
func Text(body string) Answer {
	return Answer{
		Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
		Body: []byte(body),
	}
}
