package backend_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestStates(t *testing.T) {
	t.Parallel()
	want := []string{"unknown", "running", "stopped", "starting", "stopping", "restarting", "unavailable", "absent"}
	got := make([]string, len(backend.States()))
	for i, state := range backend.States() {
		if int(state) != i {
			t.Errorf("state %d of the list is %d (%v), want them in order without a gap", i, int(state), state)
		}
		got[i] = state.String()
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("states (-got +want):\n%s", diff)
	}
	if got, want := backend.State(len(got)).String(), "invalid"; got != want {
		t.Errorf("the state after the last is %q, want %q: is the list complete?", got, want)
	}
}

// TestWords counts each type up to the first value without a word, so that a
// new member is noticed here.
func TestWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first int
		word  func(i int) fmt.Stringer
		want  []string
	}{
		"State": {
			0, func(i int) fmt.Stringer { return backend.State(i) },
			[]string{"unknown", "running", "stopped", "starting", "stopping", "restarting", "unavailable", "absent"},
		},
		"Force": {0, func(i int) fmt.Stringer { return backend.Force(i) }, []string{"graceful", "escalate_later", "forced"}},
		"Op":    {1, func(i int) fmt.Stringer { return backend.Op(i) }, []string{"start", "stop", "reboot"}},
		"Kind": {
			0, func(i int) fmt.Stringer { return backend.Kind(i) },
			[]string{"Other", "NotFound", "Throttled", "Busy", "Denied", "Invalid", "Unavailable"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for i := test.first; test.word(i).String() != "invalid"; i++ {
				got = append(got, test.word(i).String())
			}
			if diff := cmp.Diff(got, test.want); diff != "" {
				t.Errorf("words (-got +want):\n%s", diff)
			}
			if got, want := test.word(test.first-1).String(), "invalid"; got != want {
				t.Errorf("the word before the first is %q, want %q", got, want)
			}
		})
	}
}

// TestZeroValues holds what must be harmless when it is forgotten.
func TestZeroValues(t *testing.T) {
	t.Parallel()
	var opts backend.StopOptions
	if opts.Force != backend.Graceful || opts.Mode != backend.UnknownMode {
		t.Errorf("zero StopOptions are %v, %q, want graceful and no mode", opts.Force, opts.Mode)
	}
	if got, want := (backend.Instance{}).State, backend.Unknown; got != want {
		t.Errorf("zero state is %v, want %v", got, want)
	}
	if got, want := (backend.Fault{}).Kind, backend.KindOther; got != want {
		t.Errorf("zero kind is %v, want %v", got, want)
	}
}
