// Package backendtest is the conformance suite of package backend: one subtest
// for each sentence of the contract, which every driver passes. It tests what a
// driver makes of its cloud, not the cloud: how a request is signed, which words
// and codes a table holds, and how the vendor's SDK misbehaves stay with the
// driver's own tests.
//
// A new driver runs it against its cloud's simulator, in a test of its own:
//
//	func TestConformance(t *testing.T) {
//		backendtest.Run(t, func(t *testing.T) backendtest.Harness {
//			cloud := startSimulator(t) // an httptest.Server, closed by t.Cleanup
//			return backendtest.Harness{
//				Driver:      newDriver(t, cloud, secret),
//				WrongSecret: newDriver(t, cloud, "wrong"),
//				IDs:         cloud.NewIDs,
//				Seed:        cloud.seed,
//				// ... and the rest of the fields, each a few lines
//			}
//		})
//	}
//
// Package simtest makes such a harness for any cloud of package simulator.
// RunInputs and FuzzAnswers need no simulator: they hand the driver what a user,
// a server or a proxy may come up with.
//
// Every subtest makes a harness, and runs in parallel with the others.
// Transitions must not end by themselves while a subtest runs: let the
// simulator hold them until Settle, and the suite depends on no clock. A field
// that is missing fails the suite, except where its comment names the clouds
// that cannot have it. A cloud with several services or regional variants runs
// the suite once for each.
package backendtest

import (
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Harness is one cloud, fresh and empty, and a driver of it.
type Harness struct {
	Driver backend.Driver
	// WrongSecret is like Driver, with a secret that the cloud does not know.
	WrongSecret backend.Driver
	// Secrets are the words that may stand in no error. Empty where the cloud
	// has no credentials.
	Secrets []string

	// IDs returns n ids in the form of the cloud's, other ones at each call. No
	// instance has them until they are seeded.
	IDs func(n int) []string
	// Seed makes an instance for each id. One that is starting or stopping goes
	// on to do so until Settle.
	Seed func(t *testing.T, ids []string, seed Seed)
	// SetWord lets the cloud report a word of the test's own as the state of an
	// instance.
	SetWord func(t *testing.T, id, word string)
	// FailTransition lets the next transition of an instance end where it
	// began, with a reason. Nil where Capabilities.OperationReason is false.
	FailTransition func(t *testing.T, id string)
	// Settle lets all transitions end, and returns when they have.
	Settle func(t *testing.T)
	// Writes returns the calls that start, stop or reboot and that reached the
	// cloud, whatever it made of them, in order. Dry runs are not among them.
	Writes func() []Write

	// Each of these is about the next call that reaches the cloud, and about
	// that one only.

	// Throttle refuses it as one too many, and asks to stay away for a time, in
	// the header that the cloud uses for it. Without a time it says none.
	Throttle func(t *testing.T, retryAfter time.Duration)
	// Forbid refuses it because the key, although valid, lacks a permission.
	Forbid func(t *testing.T)
	// ServerError answers it with the cloud's own error of a failure inside.
	ServerError func(t *testing.T)
	// Page answers it with status 502 and an HTML page.
	Page func(t *testing.T)
	// Disconnect notes it among the Writes, and then closes the connection
	// without an answer.
	Disconnect func(t *testing.T)
	// Hang leaves it without an answer until the caller gives up.
	Hang func(t *testing.T)

	// ChargeTypes are those that the cloud reports; empty where it reports none.
	ChargeTypes []backend.ChargeType
	// NoReasons is for a cloud that names the ids that it refused and not why,
	// so that KindBusy stands for every reason.
	NoReasons bool
	// NoRebootForce is for a cloud whose reboot does not say how hard.
	NoRebootForce bool

	// The rest is for what no page of a cloud tells, so that its driver must be
	// ready for either, and Capabilities promise the lesser. Each is false for
	// a cloud that does what the contract says.

	// RefusesReads is for a cloud that refuses to describe several instances
	// because of one that does not exist. The fault is then Shared.
	RefusesReads bool
	// RefusesWrites is the same for a call that starts, stops or reboots, where
	// Capabilities.PerItemOutcomes is true.
	RefusesWrites bool
	// ChangesMode is for a cloud that lets a stop change the mode of what is
	// stopped, where Capabilities.ModeChangeNeedsRestart is true.
	ChangesMode bool
	// HidesLastOperation is for a cloud that reports the last operation as a rule, and
	// describes instances without it now.
	HidesLastOperation bool
	// RebootsStopped is for a cloud that starts what is stopped when it is told
	// to reboot it.
	RebootsStopped bool
}

// Seed says what an instance is like.
type Seed struct {
	// State is Running, Stopped, Starting or Stopping.
	State backend.State
	// StoppedMode is that of one which is Stopped; KeepCharging when empty.
	// StopCharging is asked for only where the cloud can.
	StoppedMode backend.StoppedMode
	// ChargeType is one of Harness.ChargeTypes, or Prepaid: that one cannot stop
	// charging. PayAsYouGo when empty.
	ChargeType backend.ChargeType
	// Type and Zone are the cloud's choice when they are empty.
	Type, Zone string
	// Name and Tags are what it is found by; the cloud's choice and none when
	// they are empty.
	Name string
	Tags map[string]string
}

// Write is a call that reached the cloud, in the contract's words.
type Write struct {
	Op  backend.Op
	IDs []string
	// Force is what the bytes of the call ask for, and ForceExplicit is false
	// where they leave it to the cloud's default.
	Force         backend.Force
	ForceExplicit bool
	// Mode is UnknownMode where the bytes of the call name none.
	Mode backend.StoppedMode
}

// Run runs the suite. It calls newHarness once for each subtest.
func Run(t *testing.T, newHarness func(t *testing.T) Harness) {
	t.Helper()
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"describe", describeTests},
		{"start, stop and reboot", writeTests()},
		{"force", forceTests},
		{"stopped mode", modeTests},
		{"faults", faultTests()},
		{"context", contextTests()},
		{"the rest", otherTests},
		{"dry run", dryRunTests},
		{"absence", absenceTests},
		{"listing", listTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			for _, test := range group.tests {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					h := newHarness(t)
					h.check(t)
					test.run(t, h)
				})
			}
		})
	}
}

type test struct {
	name string
	run  func(t *testing.T, h Harness)
}

func (h Harness) check(t *testing.T) {
	t.Helper()
	for name, missing := range map[string]bool{
		"Driver":         h.Driver == nil,
		"WrongSecret":    h.WrongSecret == nil,
		"IDs":            h.IDs == nil,
		"Seed":           h.Seed == nil,
		"SetWord":        h.SetWord == nil,
		"FailTransition": h.FailTransition == nil && h.Driver != nil && h.Driver.Capabilities().OperationReason,
		"Settle":         h.Settle == nil,
		"Writes":         h.Writes == nil,
		"Throttle":       h.Throttle == nil,
		"Forbid":         h.Forbid == nil,
		"ServerError":    h.ServerError == nil,
		"Page":           h.Page == nil,
		"Disconnect":     h.Disconnect == nil,
		"Hang":           h.Hang == nil,
	} {
		if missing {
			t.Fatalf("the harness lacks %s", name)
		}
	}
}
