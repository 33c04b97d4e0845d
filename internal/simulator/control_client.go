package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Control steers one cloud of a simulator that runs elsewhere, through its
// control interface. Its methods are those of Cloud.
type Control struct {
	base   string
	cloud  string
	client *http.Client
}

// NewControl returns a client for one cloud of the simulator at a base URL,
// such as http://127.0.0.1:8090.
func NewControl(baseURL, cloud string) *Control {
	return &Control{base: strings.TrimSuffix(baseURL, "/"), cloud: cloud, client: &http.Client{}}
}

// do sends one request and decodes the answer into out, if that is not nil.
func (k *Control) do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	target := k.base + ControlPrefix + url.PathEscape(k.cloud) + "/" + path
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := k.client.Do(req)
	if err != nil {
		return err
	}
	defer func() {
		// Everything was read; a failure to close changes nothing.
		_ = resp.Body.Close()
	}()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		var failed struct {
			Error string `json:"error"`
		}
		if err := json.Unmarshal(data, &failed); err != nil || failed.Error == "" {
			failed.Error = string(data)
		}
		return fmt.Errorf("%s %s: status %d: %s", method, target, resp.StatusCode, failed.Error)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

func segment(kind, id string) string { return kind + "/" + url.PathEscape(id) }

// Instances returns all instances as they truly are.
func (k *Control) Instances(ctx context.Context) ([]Instance, error) {
	var out []Instance
	err := k.do(ctx, http.MethodGet, "instances", nil, &out)
	return out, err
}

// Instance returns one instance as it truly is.
func (k *Control) Instance(ctx context.Context, id string) (Instance, error) {
	var out Instance
	err := k.do(ctx, http.MethodGet, segment("instances", id), nil, &out)
	return out, err
}

// Seed puts instances, in place of those with the same ids.
func (k *Control) Seed(ctx context.Context, instances ...Instance) error {
	if len(instances) == 0 {
		return nil
	}
	return k.do(ctx, http.MethodPost, "instances", instances, nil)
}

// SeedBulk seeds many instances and returns their ids.
func (k *Control) SeedBulk(ctx context.Context, b Bulk) ([]string, error) {
	var ids []string
	err := k.do(ctx, http.MethodPost, "bulk", b, &ids)
	return ids, err
}

// Change sets the fields of an instance that are in the map, by their names in
// JSON.
func (k *Control) Change(ctx context.Context, id string, fields map[string]any) error {
	return k.do(ctx, http.MethodPatch, segment("instances", id), fields, nil)
}

// Remove deletes instances; without ids, all of them.
func (k *Control) Remove(ctx context.Context, ids ...string) error {
	return k.each(ctx, "instances", ids)
}

func (k *Control) each(ctx context.Context, kind string, ids []string) error {
	if len(ids) == 0 {
		return k.do(ctx, http.MethodDelete, kind, nil, nil)
	}
	for _, id := range ids {
		if err := k.do(ctx, http.MethodDelete, segment(kind, id), nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// Credentials returns those that the cloud accepts.
func (k *Control) Credentials(ctx context.Context) ([]Credential, error) {
	var out []Credential
	err := k.do(ctx, http.MethodGet, "credentials", nil, &out)
	return out, err
}

// SeedCredentials adds credentials until the next Reset.
func (k *Control) SeedCredentials(ctx context.Context, credentials ...Credential) error {
	return k.do(ctx, http.MethodPost, "credentials", credentials, nil)
}

// Settings returns switches, durations and rate limits.
func (k *Control) Settings(ctx context.Context) (Settings, error) {
	var out Settings
	err := k.do(ctx, http.MethodGet, "settings", nil, &out)
	return out, err
}

// ChangeSettings changes what is set in s.
func (k *Control) ChangeSettings(ctx context.Context, s Settings) error {
	return k.do(ctx, http.MethodPatch, "settings", s, nil)
}

// AddTrouble puts a trouble and returns its id.
func (k *Control) AddTrouble(ctx context.Context, t Trouble) (string, error) {
	var out struct {
		ID string `json:"id"`
	}
	err := k.do(ctx, http.MethodPost, "troubles", t, &out)
	return out.ID, err
}

// Troubles returns the troubles with their hits.
func (k *Control) Troubles(ctx context.Context) ([]Trouble, error) {
	var out []Trouble
	err := k.do(ctx, http.MethodGet, "troubles", nil, &out)
	return out, err
}

// ClearTroubles takes troubles away; without ids, all of them.
func (k *Control) ClearTroubles(ctx context.Context, ids ...string) error {
	return k.each(ctx, "troubles", ids)
}

// Calls returns the log of calls from an index on.
func (k *Control) Calls(ctx context.Context, since int) ([]Call, error) {
	var out []Call
	err := k.do(ctx, http.MethodGet, "calls?since="+strconv.Itoa(since), nil, &out)
	return out, err
}

// CallCounts returns how many calls there were of each action.
func (k *Control) CallCounts(ctx context.Context) (map[string]int, error) {
	var out map[string]int
	err := k.do(ctx, http.MethodGet, "calls/summary", nil, &out)
	return out, err
}

// ForgetCalls empties the log.
func (k *Control) ForgetCalls(ctx context.Context) error {
	return k.do(ctx, http.MethodDelete, "calls", nil, nil)
}

// Audit returns the breaches of the promises that the function Audit checks.
func (k *Control) Audit(ctx context.Context, options AuditOptions) ([]string, error) {
	var out []string
	err := k.do(ctx, http.MethodPost, "audit", options, &out)
	return out, err
}

// Reset puts the cloud back to how it began.
func (k *Control) Reset(ctx context.Context) error {
	return k.do(ctx, http.MethodPost, "reset", nil, nil)
}
