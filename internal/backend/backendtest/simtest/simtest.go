// Package simtest runs the conformance suite of package backendtest on a driver
// that talks to its cloud's simulator over HTTP. It is for the tests of the
// drivers: it seeds, holds and settles instances, asks the simulator for
// trouble, and reads what arrived from its log. It knows no cloud; what differs
// from one to the next is in a Cloud.
package simtest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Cloud is a driver and the simulator of its cloud.
type Cloud struct {
	// Wire returns a wire of an empty cloud, another one at each call.
	Wire func() simulator.Wire
	// Driver returns a driver for the simulator at a URL, with a credential.
	Driver func(url string, key simulator.Credential) (backend.Driver, error)
	// Keys are the credentials that the simulator accepts.
	Keys simulator.Keys
	// ID makes the id of the instance of a number.
	ID func(number int) string
	// Template is what all instances have beside that.
	Template simulator.Instance
	// Prepaid is the charge type of an instance that is paid in advance.
	Prepaid string
	// Forbidden is the code for a permission that is missing.
	Forbidden string

	// ChargeTypes are those of backendtest.Harness.
	ChargeTypes []backend.ChargeType
	// NoReasons and NoRebootForce are those of backendtest.Harness.
	NoReasons, NoRebootForce bool
	// Fixed are the names of switches that stay as they come, since nothing in
	// an answer tells their positions apart.
	Fixed []string
	// Undocumented sets the fields of a harness that depend on the switches of
	// the simulator. It may be nil.
	Undocumented func(h *backendtest.Harness, setting func(name string) string)
}

// Run tries each kind of credential, and runs the suite on the simulator as it comes, and then with its switches
// in other positions, so that each has had each, and with fields in the answers
// that no page lists: what is not documented must not matter to the driver.
func Run(t *testing.T, cloud Cloud) {
	t.Helper()
	run := func(name string, arrange func(t *testing.T, cloud *simulator.Cloud)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backendtest.Run(t, func(t *testing.T) backendtest.Harness {
				t.Helper()
				return cloud.harness(t, arrange)
			})
		})
	}
	t.Run("keys of every kind", func(t *testing.T) {
		t.Parallel()
		keys(t, cloud)
	})
	run("as it comes", func(*testing.T, *simulator.Cloud) {})
	settings := slices.DeleteFunc(slices.Clone(cloud.Wire().Cloud().Words().Settings), func(s simulator.Setting) bool {
		return slices.Contains(cloud.Fixed, s.Name)
	})
	isThere := func(position int) bool {
		return slices.ContainsFunc(settings, func(s simulator.Setting) bool { return position < len(s.Values) })
	}
	for position := 1; isThere(position); position++ {
		run(fmt.Sprintf("with other answers, %d", position), func(t *testing.T, cloud *simulator.Cloud) {
			t.Helper()
			addTrouble(t, cloud, simulator.Trouble{Kind: simulator.UnknownFields})
			for _, s := range settings {
				if err := cloud.SetSetting(s.Name, s.Values[min(position, len(s.Values)-1)]); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// stranger is a secret that no simulator knows, and no part of any word that an
// error may hold otherwise.
const stranger = "wrong-4f1c2f9f0bd34b5c"

// Serve serves one cloud until the test ends, and returns its URL.
func Serve(t *testing.T, wire simulator.Wire) string {
	t.Helper()
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
	return server.URL()
}

// testCloud is the simulated cloud of one subtest.
type testCloud struct {
	Cloud
	cloud *simulator.Cloud
	made  int
	// held is the trouble that keeps transitions from ending.
	held string
}

func (c Cloud) harness(t *testing.T, arrange func(t *testing.T, cloud *simulator.Cloud)) backendtest.Harness {
	t.Helper()
	wire := c.Wire()
	url := Serve(t, wire)
	wrong := c.Keys.Lasting
	wrong.Secret = stranger
	w := &testCloud{Cloud: c, cloud: wire.Cloud()}
	// A suite that shares its time with others is no measure of rates.
	w.cloud.LimitRates(false)
	w.cloud.SetTransition(0)
	w.hold(t)
	arrange(t, w.cloud)
	h := backendtest.Harness{
		Driver:         c.driver(t, url, c.Keys.Lasting),
		WrongSecret:    c.driver(t, url, wrong),
		Secrets:        []string{c.Keys.Lasting.Secret, stranger},
		IDs:            w.ids,
		Seed:           w.seed,
		SetWord:        w.setWord,
		FailTransition: w.failTransition,
		Settle:         w.settle,
		Writes:         w.writes,
		Throttle: func(t *testing.T, retryAfter time.Duration) {
			t.Helper()
			w.next(t, simulator.Trouble{Kind: simulator.Throttle, RetryAfter: simulator.Duration(retryAfter)})
		},
		Forbid:        w.nexts(simulator.Trouble{Kind: simulator.Error, Code: c.Forbidden, Message: "You may not do this."}),
		ServerError:   w.nexts(simulator.Trouble{Kind: simulator.Error}),
		Page:          w.nexts(simulator.Trouble{Kind: simulator.ServerError}),
		Disconnect:    w.nexts(simulator.Trouble{Kind: simulator.ResetAfter}),
		Hang:          w.nexts(simulator.Trouble{Kind: simulator.LostAnswer}),
		ChargeTypes:   c.ChargeTypes,
		NoReasons:     c.NoReasons,
		NoRebootForce: c.NoRebootForce,
	}
	if c.Undocumented != nil {
		c.Undocumented(&h, w.cloud.Setting)
	}
	return h
}

func (c Cloud) driver(t *testing.T, url string, key simulator.Credential) backend.Driver {
	t.Helper()
	driver, err := c.Driver(url, key)
	if err != nil {
		t.Fatal(err)
	}
	return driver
}

// next puts a trouble that hits the next call, and no other.
func (w *testCloud) next(t *testing.T, trouble simulator.Trouble) {
	t.Helper()
	trouble.Count = 1
	addTrouble(t, w.cloud, trouble)
}

func (w *testCloud) nexts(trouble simulator.Trouble) func(t *testing.T) {
	return func(t *testing.T) {
		t.Helper()
		w.next(t, trouble)
	}
}

func addTrouble(t *testing.T, cloud *simulator.Cloud, trouble simulator.Trouble) string {
	t.Helper()
	id, err := cloud.AddTrouble(trouble)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *testCloud) ids(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		w.made++
		ids[i] = w.ID(w.made)
	}
	return ids
}

// seed makes instances whose own transitions last longer than any test; those
// that a call begins are held, and take no time once they are let go.
func (w *testCloud) seed(t *testing.T, ids []string, seed backendtest.Seed) {
	t.Helper()
	words := w.cloud.Words()
	instances := make([]simulator.Instance, len(ids))
	for i, id := range ids {
		in := w.Template
		in.ID, in.Name, in.Tags, in.Extra = id, seed.Name, maps.Clone(seed.Tags), maps.Clone(in.Extra)
		switch seed.State {
		case backend.Running:
			in.Status = words.Running
		case backend.Stopped:
			in.Status, in.StoppedMode = words.Stopped, words.KeepCharging
			if seed.StoppedMode == backend.StopCharging {
				in.StoppedMode = words.StopCharging
			}
		case backend.Starting:
			in.Status = words.Starting
		case backend.Stopping:
			in.Status = words.Stopping
		default:
			t.Fatalf("an instance cannot be seeded as %v", seed.State)
		}
		if seed.Type != "" {
			in.Type = seed.Type
		}
		if seed.Zone != "" {
			in.Zone = seed.Zone
		}
		switch seed.ChargeType {
		case backend.Prepaid:
			in.ChargeType = w.Prepaid
		case backend.Spot:
			in.Spot = true
		case backend.PayAsYouGo, backend.UnknownChargeType: // The simulator's choice is the first.
		}
		instances[i] = in
	}
	w.cloud.SetTransition(time.Hour)
	defer w.cloud.SetTransition(0)
	if err := w.cloud.Seed(instances...); err != nil {
		t.Fatal(err)
	}
}

func (w *testCloud) change(t *testing.T, id, status string) {
	t.Helper()
	if err := w.cloud.Change(id, func(in *simulator.Instance) error {
		in.Status = status
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func (w *testCloud) setWord(t *testing.T, id, word string) {
	t.Helper()
	w.change(t, id, word)
}

// failTransition lets a stop fall back, and a start find no stock too late.
func (w *testCloud) failTransition(t *testing.T, id string) {
	t.Helper()
	ids := []string{id}
	w.next(t, simulator.Trouble{Kind: simulator.SoftStopIgnored, Mode: simulator.Fallback, InstanceIDs: ids})
	w.next(t, simulator.Trouble{Kind: simulator.NoStock, Late: true, InstanceIDs: ids})
}

func (w *testCloud) hold(t *testing.T) {
	t.Helper()
	w.held = addTrouble(t, w.cloud, simulator.Trouble{Kind: simulator.Stuck})
}

// settle lets go what is held. What is then still under way was seeded so.
func (w *testCloud) settle(t *testing.T) {
	t.Helper()
	if !w.cloud.ClearTroubles(w.held) {
		t.Fatal("nothing holds the transitions")
	}
	words := w.cloud.Words()
	for _, in := range w.cloud.Instances() {
		switch in.Status {
		case words.Starting:
			w.change(t, in.ID, words.Running)
		case words.Stopping:
			w.change(t, in.ID, words.Stopped)
		}
	}
	w.hold(t)
}

// writes reads the log, in the words of the contract.
func (w *testCloud) writes() []backendtest.Write {
	var all []backendtest.Write
	for _, call := range w.cloud.Calls(0) {
		if !call.Op.Write() || call.DryRun {
			continue
		}
		all = append(all, backendtest.Write{
			Op:            ops[call.Op],
			IDs:           slices.Clone(call.InstanceIDs),
			Force:         forces[call.Force],
			ForceExplicit: call.ForceExplicit,
			Mode:          w.mode(call.StoppedMode),
		})
	}
	return all
}

var ops = map[simulator.Op]backend.Op{
	simulator.OpStart:  backend.OpStart,
	simulator.OpStop:   backend.OpStop,
	simulator.OpReboot: backend.OpReboot,
}

var forces = map[simulator.Force]backend.Force{
	simulator.Graceful:      backend.Graceful,
	simulator.FirstGraceful: backend.EscalateLater,
	simulator.Forced:        backend.Forced,
}

// mode keeps a word that is none of the cloud's, so that no comparison of the
// suite can take it for one.
func (w *testCloud) mode(word string) backend.StoppedMode {
	words := w.cloud.Words()
	switch word {
	case "":
		return backend.UnknownMode
	case words.KeepCharging:
		return backend.KeepCharging
	case words.StopCharging:
		return backend.StopCharging
	}
	return backend.StoppedMode("invalid: " + word)
}
