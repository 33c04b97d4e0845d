package driverkit_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

func TestEachIDHasTheOutcomeOfItsItem(t *testing.T) {
	t.Parallel()
	kit := newKit(t)
	ex := &driverkit.Exchange{Status: http.StatusOK}
	busy := kit.FailOne(ex, driverkit.APIError{Code: "Busy", Message: "It is busy.", RequestID: "r-1"})
	got := kit.Outcomes(ex, "r-1\x1b", []string{"i-4", "i-1", "i-2", "i-3"}, []driverkit.Item{
		{ID: "i-1"}, {ID: "i-2", Err: busy}, {ID: "i-2"}, {ID: "i-3"}, {ID: "i-3", Err: busy}, {ID: "i-9", Err: busy},
	})
	var texts []string
	for _, outcome := range got {
		if outcome.RequestID != `r-1\x1b` {
			t.Errorf("the request id is %q", outcome.RequestID)
		}
		text := "accepted"
		if outcome.Err != nil {
			text = outcome.Err.Error()
		}
		texts = append(texts, text)
	}
	want := []string{
		"the answer is incomplete: it does not mention i-4", "accepted", "Busy: It is busy.", "Busy: It is busy.",
	}
	if diff := cmp.Diff(texts, want); diff != "" {
		t.Errorf("outcomes (-got +want):\n%s", diff)
	}
	if kind := driverkit.Fault(got[0].Err).Kind; kind != backend.KindUnavailable {
		t.Errorf("what became of an id that the answer lacks is of the kind %v, want it open", kind)
	}
}

func TestADryRunPassesByItsCodeAlone(t *testing.T) {
	t.Parallel()
	kit := newKit(t)
	ex := &driverkit.Exchange{Status: http.StatusBadRequest}
	failure := func(code string) error { return kit.FailOne(ex, driverkit.APIError{Code: code, Message: "m"}) }
	passed := func(code string) bool { return code == "DryRunPassed" }
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"it passed":     {failure("DryRunPassed"), ""},
		"it was denied": {failure("Policy"), "Policy: m"},
		"it was answered as the operation itself": {
			nil, "the answer is incomplete: the dry run was answered as if it were the operation itself",
		},
	} {
		got := ""
		if err := kit.DryRun(ex, "r-1", test.err, passed); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	if fault := driverkit.Fault(kit.NoDryRun(backend.OpStop)); !fault.Unsent || fault.Kind != backend.KindInvalid {
		t.Errorf("the fault of an operation without a dry run is %+v", fault)
	}
}

func TestWordsOfModes(t *testing.T) {
	t.Parallel()
	modes := driverkit.Modes{
		"KEEP": backend.KeepCharging, "STOP": backend.StopCharging, "stop": backend.StopCharging,
		"NONE": backend.NotApplicable,
	}
	for mode, want := range map[backend.StoppedMode]string{
		backend.KeepCharging: "KEEP", backend.StopCharging: "STOP", backend.NotApplicable: "", backend.UnknownMode: "",
	} {
		if got := modes.Word(mode); got != want {
			t.Errorf("%q is sent as %q, want %q", mode, got, want)
		}
		if got := driverkit.Modes(nil).Word(mode); got != "" {
			t.Errorf("%q is sent as %q to a cloud without modes", mode, got)
		}
	}
}

func TestASpotStrategyMakesASpotInstance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		charge   backend.ChargeType
		strategy string
		want     backend.ChargeType
	}{
		{backend.PayAsYouGo, "Auto", backend.Spot},
		{backend.PayAsYouGo, "No", backend.PayAsYouGo},
		{backend.PayAsYouGo, "", backend.PayAsYouGo},
		{backend.Prepaid, "Auto", backend.Prepaid},
		{backend.UnknownChargeType, "Auto", backend.UnknownChargeType},
	} {
		if got := driverkit.WithSpot(test.charge, test.strategy, "No"); got != test.want {
			t.Errorf("%v with the strategy %q: got %v, want %v", test.charge, test.strategy, got, test.want)
		}
	}
}

// TestAnInstanceWithoutAnIDMakesAPageIncomplete: what has no id might be any of those
// that were asked for.
func TestAnInstanceWithoutAnIDMakesAPageIncomplete(t *testing.T) {
	t.Parallel()
	of := func(id *string) backend.Instance { return backend.Instance{ID: *id} }
	page := driverkit.Page{Total: 2, Incomplete: func(problem string) error { return errors.New(problem) }}
	one, two, none := "i-1", "i-2", ""
	for name, list := range map[string][]*string{"an empty id": {&one, &none}, "null": {nil, &one}} {
		_, err := driverkit.Fill(page, list, of)
		if want := "it lists an instance without an id"; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	got, err := driverkit.Fill(page, []*string{&one, &two}, of)
	want := []backend.Instance{{ID: one}, {ID: two}}
	if err != nil || got.Total != 2 || !cmp.Equal(got.Instances, want) {
		t.Errorf("got %+v, %v, want the page with two instances", got, err)
	}
}

func TestSendReturnsTheBodyOfAnAnswer(t *testing.T) {
	t.Parallel()
	for body, answered := range map[string]bool{`{"RequestId":"r-1"}`: true, "<html>Log in</html>": false} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		base := driverkit.NewBase()
		t.Cleanup(base.CloseIdleConnections)
		transport := driverkit.NewTransport("", base, driverkit.IsObject, driverkit.NewRedactor())
		ctx, ex := driverkit.Record(t.Context())
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("a=1"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := transport.Send(req)
		var page *driverkit.GatewayError
		if answered != (err == nil && string(got) == body && ex.Err == nil) || answered == errors.As(err, &page) {
			t.Errorf("%s: got %q, %v, want it taken for an answer: %v", body, got, err, answered)
		}
	}
}
