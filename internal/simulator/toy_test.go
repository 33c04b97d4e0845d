package simulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// toyWire is the smallest wire that can be: POST /toy/ACTION with ids in the
// body.
type toyWire struct{ cloud *simulator.Cloud }

type toyAnswer struct {
	Error string   `json:"error,omitempty"`
	IDs   []string `json:"ids,omitempty"`
}

func newToy() *toyWire {
	return &toyWire{cloud: simulator.NewCloud("toy", simulator.Words{
		Running: "up", Stopped: "down", Starting: "going-up", Stopping: "going-down", Rebooting: "around",
		Settings: []simulator.Setting{{Name: "answer", Values: []string{"yes", "no"}}},
	}, "r1", "r2")}
}

func (w *toyWire) Cloud() *simulator.Cloud         { return w.cloud }
func (w *toyWire) Match(r *http.Request) bool      { return strings.HasPrefix(r.URL.Path, "/toy/") }
func (w *toyWire) DemoFleet() []simulator.Instance { return []simulator.Instance{{ID: "i"}} }
func (w *toyWire) Environment(string) []string     { return nil }

func (w *toyWire) Default(kind simulator.Kind) simulator.Refusal {
	return simulator.Refusal{Code: "default." + string(kind), Status: 429}
}

func (w *toyWire) Parse(req *simulator.Request) *simulator.Refusal {
	req.Call.Action = strings.TrimPrefix(req.HTTP.URL.Path, "/toy/")
	req.Call.Op = simulator.Op(req.Call.Action)
	req.Call.Region = "r1"
	req.Call.Force, req.Call.ForceExplicit = simulator.Graceful, true
	if err := json.Unmarshal(req.Body, &req.Call.InstanceIDs); err != nil {
		return &simulator.Refusal{Code: "bad.body", Status: http.StatusBadRequest}
	}
	return nil
}

func (w *toyWire) Refuse(_ *simulator.Request, refusal simulator.Refusal) simulator.Answer {
	a := simulator.JSON(refusal.Status, toyAnswer{Error: refusal.Code})
	a.Code = refusal.Code
	simulator.SetRetryAfter(&a, refusal)
	return a
}

func (w *toyWire) Serve(req *simulator.Request) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		var out toyAnswer
		if req.Call.Op == simulator.OpDescribe {
			page, _ := tx.Describe(simulator.Query{IDs: req.Call.InstanceIDs})
			for _, i := range page {
				out.IDs = append(out.IDs, i.ID)
			}
			return simulator.JSON(http.StatusOK, out)
		}
		order := simulator.Order{Op: req.Call.Op, Force: req.Call.Force}
		for _, id := range req.Call.InstanceIDs {
			if d := tx.Check(id, order); d != nil {
				return w.Refuse(req, d.Refusal(simulator.Refusal{Code: string(d.Reason), Status: http.StatusConflict}))
			}
			tx.Apply(id, order)
		}
		return simulator.JSON(http.StatusOK, out)
	})
}

func startToy(t *testing.T) (*simulator.Server, *simulator.Cloud) {
	t.Helper()
	wire := newToy()
	server, err := simulator.NewServer(wire)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(t.Context(), simulator.DefaultAddress); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := wire.cloud.Seed(simulator.Instance{ID: "i"}, simulator.Instance{ID: "j"}); err != nil {
		t.Fatal(err)
	}
	return server, wire.cloud
}
