package panics_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/panics"
)

// fail panics with a value, or at the runtime's own behest.
func fail(value any) {
	if value == nil {
		var zero int
		_ = 1 / zero
	}
	panic(value)
}

func TestAPanicIsToldWithoutItsValue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value any
		what  string
	}{
		"one of the runtime": {nil, "integer divide by zero"},
		"a text":             {"hunter2", "a panic with a value of type string"},
		"an error":           {errors.New("hunter2"), "a panic with a value of type *errors.errorString"},
		"an error of the runtime": {
			errors.Join(errors.New("hunter2"), runtimeError(t)), "integer divide by zero",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := panics.Catch(func() { fail(test.value) })
			if p == nil {
				t.Fatal("the panic is lost")
			}
			if got := p.What(); got != test.what {
				t.Errorf("it is told as %q, want %q", got, test.what)
			}
			if got, want := p.Where, "panics_test.fail (panics_test.go:"; !strings.HasPrefix(got, want) {
				t.Errorf("it happened in %s, want %s", got, want)
			}
			if !strings.Contains(string(p.Stack), "panics_test.fail") {
				t.Errorf("the stack has not where it happened:\n%s", p.Stack)
			}
			if strings.Contains(p.Error()+string(p.Stack), "hunter2") {
				t.Errorf("the value is told: %v", p)
			}
		})
	}
}

func runtimeError(t *testing.T) error {
	t.Helper()
	err, ok := panics.Catch(func() { fail(nil) }).Value.(error)
	if !ok {
		t.Fatal("the runtime panics with no error")
	}
	return err
}

func TestNothingIsCaughtWhereNothingPanics(t *testing.T) {
	t.Parallel()
	if p := panics.Catch(func() {}); p != nil {
		t.Errorf("got %v", p)
	}
	var none *panics.Panic
	none.Again()
}

func TestAPanicThatIsRaisedAgainStaysTheSame(t *testing.T) {
	t.Parallel()
	first := panics.Catch(func() { fail(nil) })
	if second := panics.Catch(first.Again); second != first {
		t.Errorf("got %v, want the same panic with its own stack", second)
	}
}

func TestAGroupEndsItsWorkBeforeItPanics(t *testing.T) {
	t.Parallel()
	var group panics.Group
	var done atomic.Int32
	const all = 20
	for i := range all {
		group.Go(func() {
			if i == all/2 {
				fail(nil)
			}
			done.Add(1)
		})
	}
	p := panics.Catch(group.Wait)
	if got := done.Load(); p == nil || got != all-1 {
		t.Errorf("%d of %d others ended, and the panic is %v", got, all-1, p)
	}
	var quiet panics.Group
	quiet.Go(func() {})
	quiet.Wait()
}
