package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
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

// ChangeSettings applies a change.
func (c *Cloud) ChangeSettings(s Settings) error {
	for _, name := range slices.Sorted(maps.Keys(s.Switches)) {
		if err := c.SetSetting(name, s.Switches[name]); err != nil {
			return err
		}
	}
	for _, action := range slices.Sorted(maps.Keys(s.Rates)) {
		if err := c.SetRate(action, s.Rates[action]); err != nil {
			return err
		}
	}
	if s.Durations != nil {
		c.SetDurations(*s.Durations)
	}
	if s.RateLimits != nil {
		c.LimitRates(*s.RateLimits)
	}
	if s.MaxClockSkew != nil {
		c.SetMaxSkew(s.MaxClockSkew.Std())
	}
	if s.ClockOffset != nil {
		c.SetClockOffset(s.ClockOffset.Std())
	}
	if s.KeyLife != nil {
		c.SetKeyLife(s.KeyLife.Std())
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
		"GET /_simulator/v1/{cloud}/calls":             listCalls,
		"GET /_simulator/v1/{cloud}/calls/summary":     countCalls,
		"DELETE /_simulator/v1/{cloud}/calls":          forgetCalls,
		"POST /_simulator/v1/{cloud}/audit":            auditCalls,
		"POST /_simulator/v1/{cloud}/reset":            resetCloud,
	} {
		mux.HandleFunc(pattern, k.with(f))
	}
	for pattern, f := range identityFuncs() {
		mux.HandleFunc(pattern, k.with(f))
	}
	k.handleIssuer(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != controlRoot && !strings.HasPrefix(r.URL.Path, ControlPrefix) {
			k.unknown(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// with finds the cloud of the path and writes what f returns.
func (k *control) with(f controlFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := k.server.Cloud(r.PathValue("cloud"))
		if c == nil {
			writeJSON(w, http.StatusNotFound, map[string]any{"error": fmt.Sprintf("there is no cloud %q", r.PathValue("cloud"))})
			return
		}
		v, fail := f(c, r)
		if fail != nil {
			writeJSON(w, fail.status, map[string]any{"error": fail.err.Error()})
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

// unknown answers a path of another version, or of none.
func (k *control) unknown(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusNotFound, map[string]any{"error": fmt.Sprintf(
		"the control interface has no %s %s; its paths begin with %s, and GET %s lists them", r.Method, r.URL.Path,
		ControlPrefix, controlRoot)})
}

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
		all = append(all, CloudInfo{
			Name: c.Name(), Regions: c.Regions(), Instances: len(c.Instances()),
			Settings: c.words.Settings, Kinds: c.words.ExtraKinds,
		})
	}
	writeJSON(w, http.StatusOK, all)
}

func (k *control) resetAll(w http.ResponseWriter, _ *http.Request) {
	for _, wire := range k.server.wires {
		if err := wire.Cloud().Reset(); err != nil {
			writeJSON(w, http.StatusInternalServerError, map[string]any{"error": err.Error()})
			return
		}
	}
	writeJSON(w, http.StatusOK, done)
}

// decode reads the body into v and refuses what v does not have.
func decode(r *http.Request, v any) *failure {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return bad(err)
	}
	if err := DecodeStrict(body, v); err != nil {
		return bad(err)
	}
	return nil
}

// DecodeStrict decodes one JSON value and refuses fields that v does not have
// and anything after the value.
func DecodeStrict(data []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("there is more than one JSON value")
	}
	return nil
}

// since reads the query parameter of that name.
func since(r *http.Request) (int, *failure) {
	text := r.URL.Query().Get("since")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, bad(fmt.Errorf("since: %w", err))
	}
	return n, nil
}
