package provider

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Characters that act on a terminal or do not show, and how they must read.
const (
	hostileText = "red \x1b[31m, \x1b]52;c;aGk=\x07, \r\n\u202eback\u2069\u2028\u2029\u200b, \u009b1m\x7f"
	shownText   = `red \x1b[31m, \x1b]52;c;aGk=\x07, \r\n\u202eback\u2069\u2028\u2029\u200b, \u009b1m\x7f`
)

// hostileCloud is a provider over a simulated service with one instance, and a
// buffer of all that it logs.
type hostileCloud struct {
	*rpc
	wiredService

	sim  *simulator.Cloud
	logs bytes.Buffer
}

func newHostileCloud(t *testing.T, w wiredService, edit func(*simulator.Instance)) *hostileCloud {
	t.Helper()
	server := startClouds(t)
	h := &hostileCloud{rpc: rpcOf(t, clouds), wiredService: w, sim: server.Cloud(w.Cloud)}
	in := w.Template
	in.ID, in.Status = h.id, h.sim.Words().Running
	if err := h.sim.Seed(in); err != nil {
		t.Fatal(err)
	}
	if err := h.sim.Change(h.id, func(in *simulator.Instance) error { edit(in); return nil }); err != nil {
		t.Fatal(err)
	}
	config := map[string]any{"endpoint": server.URL()}
	for line := range strings.Lines(w.Configuration(w.Keys.Lasting)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		config[key] = strings.Trim(value, `"`)
	}
	if got := h.configure(map[string]any{w.Cloud: config}); len(got) > 0 {
		t.Fatalf("configure: %s", texts(got))
	}
	return h
}

// refresh imports and reads the instance.
func (h *hostileCloud) refresh(t *testing.T) (held, []*tfprotov6.Diagnostic) {
	t.Helper()
	began := time.Now()
	imported, diags := h.importID(strings.Join([]string{h.Cloud, h.Scope(), h.id}, "/"))
	if len(diags) > 0 {
		t.Fatalf("import: %s", texts(diags))
	}
	resp, err := h.server.ReadResource(tflogtest.RootLogger(t.Context(), &h.logs), &tfprotov6.ReadResourceRequest{
		TypeName: powerStateType, CurrentState: imported.state, Private: imported.private,
	})
	h.must(err)
	if took := time.Since(began); took > soon {
		t.Errorf("the refresh took %v, want at most %v", took, soon)
	}
	return held{state: resp.NewState, private: resp.Private}, resp.Diagnostics
}

// wantNothingRaw checks that a text holds nothing that a terminal would obey, but
// for line ends.
func wantNothingRaw(t *testing.T, where, text string) {
	t.Helper()
	if strings.ContainsFunc(
		strings.ReplaceAll(text, "\n", ""),
		func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) },
	) {
		t.Errorf("%s has raw characters: %q", where, text)
	}
}

func TestTextFromOutsideIsDataInTheState(t *testing.T) {
	t.Parallel()
	eachWired(t, func(t *testing.T, w wiredService) {
		h := newHostileCloud(t, w, func(in *simulator.Instance) {
			in.Name, in.Status = "web "+hostileText, "ST"+hostileText
			in.Tags = map[string]string{"key" + hostileText: hostileText}
		})
		got, diags := h.refresh(t)
		if len(diags) > 0 {
			t.Fatalf("read: %s", texts(diags))
		}
		h.wantValues(got.state, map[string]any{
			"instance_name": "web " + shownText, "state": "unknown", "status": "ST" + shownText,
		})
		wantNothingRaw(t, "the state", fmt.Sprint(h.values(got.state)))
		found, diags := h.readData(powerStatesType, map[string]any{"cloud": h.Cloud, "instance_ids": words(h.id)})
		wantTexts(t, diags, "")
		wantNothingRaw(t, "the data source", fmt.Sprint(found))
		listed, diags := h.results(t.Context(), h.listRequest(map[string]any{"cloud": h.Cloud}))
		wantTexts(t, diags, "")
		want := fmt.Sprintf("web %s (%s): unknown", shownText, h.id)
		if got := displayNames(listed); !slices.Equal(got, []string{want}) {
			t.Errorf("the list has %q, want %q", got, want)
		}
		wantNothingRaw(t, "the log", h.logs.String())
		if h.logs.Len() == 0 {
			t.Error("nothing was logged: the test does not see what it is about")
		}
	})
}

func TestTextFromOutsideIsDataInAnError(t *testing.T) {
	t.Parallel()
	eachWired(t, func(t *testing.T, w wiredService) {
		h := newHostileCloud(t, w, func(*simulator.Instance) {})
		if _, err := h.sim.AddTrouble(simulator.Trouble{
			Kind: simulator.Error, Code: "Odd." + hostileText, Message: "No: " + hostileText, Status: 409,
		}); err != nil {
			t.Fatal(err)
		}
		_, diags := h.refresh(t)
		if len(diags) != 1 {
			t.Fatalf("got %s, want one error", texts(diags))
		}
		got, requestID, _ := strings.Cut(diags[0].Detail, "Request id:  ")
		requestID, remedy, _ := strings.Cut(requestID, "\n\n")
		want := "The cloud answered: No: " + shownText + ".\n\n" +
			"  Cloud:       " + w.place(w.Cloud) + "\n  Code:        Odd." + shownText + "\n  "
		if got != want || requestID == "" || remedy != remedyOf(backend.KindOther, onInstance) {
			t.Errorf("got %q, request id %q, remedy %q, want %q", got, requestID, remedy, want)
		}
		if got, want := diags[0].Summary, summary(&powerstate.Error{InstanceID: h.id}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		wantNothingRaw(t, "the error", diags[0].Summary+diags[0].Detail)
		wantNothingRaw(t, "the log", h.logs.String())
	})
}
