package simulator

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
)

// Settings is what the control interface shows and changes of a cloud as a
// whole. In a change, what is left out stays as it is.
type Settings struct {
	Switches     map[string]string `json:"switches,omitempty"`
	Durations    *Durations        `json:"durations,omitempty"`
	RateLimits   *bool             `json:"rate_limits,omitempty"`
	Rates        map[string]Rate   `json:"rates,omitempty"`
	MaxClockSkew *Duration         `json:"max_clock_skew,omitempty"`
	// ClockOffset is that of SetClockOffset, KeyLife that of SetKeyLife. They are
	// left out where they are zero.
	ClockOffset *Offset   `json:"clock_offset,omitempty"`
	KeyLife     *Duration `json:"key_life,omitempty"`
}

// CurrentSettings returns all settings of the cloud.
func (c *Cloud) CurrentSettings() Settings {
	rates, on := c.Rates()
	c.mu.Lock()
	defer c.mu.Unlock()
	durations, skew := c.durations, Duration(c.maxSkew)
	s := Settings{
		Switches: maps.Clone(c.settings), Durations: &durations, RateLimits: &on, Rates: rates, MaxClockSkew: &skew,
	}
	if offset := Offset(c.identities.offset); offset != 0 {
		s.ClockOffset = &offset
	}
	if life := Duration(c.identities.life); life != 0 {
		s.KeyLife = &life
	}
	return s
}

// ChangeSettings applies a change, all of it or, when a part of it is refused, none.
func (c *Cloud) ChangeSettings(s Settings) error {
	return c.editSettings(func(into *Settings) error {
		*into = s
		return nil
	})
}

// editSettings applies in one step what edit fills in. The durations are there
// already, so that one of them can be changed alone.
func (c *Cloud) editSettings(edit func(*Settings) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	durations := c.durations
	s := Settings{Durations: &durations}
	if err := edit(&s); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Switches)) {
		if err := c.checkSetting(name, s.Switches[name]); err != nil {
			return err
		}
	}
	for _, action := range slices.Sorted(maps.Keys(s.Rates)) {
		if err := c.checkRate(action, s.Rates[action]); err != nil {
			return err
		}
	}
	maps.Copy(c.settings, s.Switches)
	for action, r := range s.Rates {
		c.setRate(action, r)
	}
	if s.Durations != nil {
		c.durations = *s.Durations
	}
	if s.RateLimits != nil {
		c.ratesOff = !*s.RateLimits
	}
	if s.MaxClockSkew != nil {
		c.maxSkew = s.MaxClockSkew.Std()
	}
	if s.ClockOffset != nil {
		c.identities.offset = s.ClockOffset.Std()
	}
	if s.KeyLife != nil {
		c.identities.life = s.KeyLife.Std()
	}
	return nil
}

// control serves the control interface. ControlHelp documents it.
type control struct{ server *Server }

// failure is an answer that is not a success.
type failure struct {
	status int
	err    error
}

func bad(err error) *failure { return &failure{http.StatusBadRequest, err} }

// controlFunc returns a value for the body, or a failure.
type controlFunc func(c *Cloud, r *http.Request) (any, *failure)

func newControl(s *Server) http.Handler {
	k := &control{server: s}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_simulator/{$}", k.help)
	mux.HandleFunc("GET /_simulator/v1/{$}", k.help)
	mux.HandleFunc("GET /_simulator/v1/clouds", k.clouds)
	mux.HandleFunc("POST /_simulator/v1/reset", k.resetAll)
	for pattern, f := range map[string]controlFunc{
		"GET /_simulator/v1/{cloud}/instances":         listInstances,
		"POST /_simulator/v1/{cloud}/instances":        seedInstances,
		"DELETE /_simulator/v1/{cloud}/instances":      removeInstances,
		"POST /_simulator/v1/{cloud}/bulk":             seedBulk,
		"GET /_simulator/v1/{cloud}/instances/{id}":    getInstance,
		"PUT /_simulator/v1/{cloud}/instances/{id}":    putInstance,
		"PATCH /_simulator/v1/{cloud}/instances/{id}":  patchInstance,
		"DELETE /_simulator/v1/{cloud}/instances/{id}": removeInstance,
		"GET /_simulator/v1/{cloud}/credentials":       listCredentials,
		"POST /_simulator/v1/{cloud}/credentials":      seedCredentials,
		"GET /_simulator/v1/{cloud}/settings":          getSettings,
		"PATCH /_simulator/v1/{cloud}/settings":        patchSettings,
		"GET /_simulator/v1/{cloud}/troubles":          listTroubles,
		"POST /_simulator/v1/{cloud}/troubles":         addTrouble,
		"DELETE /_simulator/v1/{cloud}/troubles":       clearTroubles,
		"DELETE /_simulator/v1/{cloud}/troubles/{id}":  clearTrouble,
		listCallsPattern: listCalls,
		"GET /_simulator/v1/{cloud}/calls/summary": countCalls,
		"DELETE /_simulator/v1/{cloud}/calls":      forgetCalls,
		"POST /_simulator/v1/{cloud}/audit":        auditCalls,
		"POST /_simulator/v1/{cloud}/reset":        resetCloud,
	} {
		mux.HandleFunc(pattern, k.with(f))
	}
	for pattern, f := range identityFuncs() {
		mux.HandleFunc(pattern, k.with(f))
	}
	k.handleIssuer(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxControlBody)
		handler, pattern := mux.Handler(r)
		switch {
		case pattern == "":
			k.unknown(w, r, handler)
		case pattern != listCallsPattern && r.URL.RawQuery != "":
			writeError(w, http.StatusBadRequest, fmt.Errorf("%s takes no query", r.URL.Path))
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// listCallsPattern is the one that takes a query.
const listCallsPattern = "GET /_simulator/v1/{cloud}/calls"

// with finds the cloud of the path and writes what f returns.
func (k *control) with(f controlFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := k.server.Cloud(r.PathValue("cloud"))
		if c == nil {
			writeError(w, http.StatusNotFound, fmt.Errorf("there is no cloud %q", r.PathValue("cloud")))
			return
		}
		v, fail := f(c, r)
		if fail != nil {
			writeError(w, fail.status, fail.err)
			return
		}
		if text, ok := v.(plainText); ok {
			writePlain(w, string(text))
			return
		}
		writeJSON(w, http.StatusOK, v)
	}
}

// plainText is an answer that is text and no JSON.
type plainText string

func writePlain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	// The client may be gone; nobody else is there to be told.
	_, _ = io.WriteString(w, text)
}

// unknown answers a path of another version, or of none, and a method that a path
// does not have. The handler is that of the multiplexer, which tells them apart.
func (k *control) unknown(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	plain := headers{}
	handler.ServeHTTP(plain, r)
	if allowed := plain.Header().Get("Allow"); allowed != "" {
		w.Header().Set("Allow", allowed)
		writeError(w, http.StatusMethodNotAllowed, fmt.Errorf("%s takes %s, not %s", r.URL.Path, allowed, r.Method))
		return
	}
	writeError(w, http.StatusNotFound, fmt.Errorf(
		"the control interface has no %s %s; its paths begin with %s, and GET %s lists them", r.Method, r.URL.Path,
		ControlPrefix, controlRoot))
}

// headers keeps the headers of an answer and drops all else.
type headers http.Header

// Header implements http.ResponseWriter.
func (h headers) Header() http.Header { return http.Header(h) }

// Write implements http.ResponseWriter.
func (h headers) Write(data []byte) (int, error) { return len(data), nil }

// WriteHeader implements http.ResponseWriter.
func (h headers) WriteHeader(int) {}

func (k *control) help(w http.ResponseWriter, _ *http.Request) {
	writePlain(w, ControlHelp)
}

// CloudInfo describes one cloud in the control interface.
type CloudInfo struct {
	Name      string          `json:"name"`
	Regions   []string        `json:"regions,omitempty"`
	Instances int             `json:"instances"`
	Settings  []Setting       `json:"settings,omitempty"`
	Kinds     map[Kind]string `json:"extra_troubles,omitempty"`
}

func (k *control) clouds(w http.ResponseWriter, _ *http.Request) {
	all := []CloudInfo{}
	for _, wire := range k.server.wires {
		c := wire.Cloud()
		info := CloudInfo{
			Name: c.Name(), Regions: c.Regions(), Instances: c.Count(), Settings: c.words.Settings, Kinds: map[Kind]string{},
		}
		for kind, extra := range c.words.ExtraKinds {
			info.Kinds[kind] = extra.Doc
		}
		all = append(all, info)
	}
	writeJSON(w, http.StatusOK, all)
}

func (k *control) resetAll(w http.ResponseWriter, _ *http.Request) {
	for _, wire := range k.server.wires {
		wire.Cloud().Reset()
	}
	writeJSON(w, http.StatusOK, done)
}
