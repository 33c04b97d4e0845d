package volcengine_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
)

func withToken(token string) func(*ecs.StopInstancesInput) {
	return func(in *ecs.StopInstancesInput) { in.ClientToken = sdk.String(token) }
}

// turnOn puts the instance of the tests of tokens back to running, so that a
// second effect of a repeat would show.
func (f *fixture) turnOn(t *testing.T) {
	t.Helper()
	if err := f.cloud.Change("i-1", func(i *simulator.Instance) error { i.Status = "RUNNING"; return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestARepeatWithTheSameTokenHasNoSecondEffect(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"})
	first, err := f.stop(t, withToken("one"), "i-1", "i-absent")
	if err != nil {
		t.Fatal(err)
	}
	f.turnOn(t)
	again, err := f.stop(t, withToken("one"), "i-1", "i-absent")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(again, first); diff != "" {
		t.Errorf("repeat -, first +:\n%s", diff)
	}
	f.wantStatus(t, "i-1", "RUNNING")
	if call := f.last(); call.Effect || call.ClientToken != "one" {
		t.Errorf("the log has effect %t and token %q, want none and one", call.Effect, call.ClientToken)
	}
	if got, err := f.stop(t, withToken("two"), "i-1"); one(t, got, err) != "" {
		t.Errorf("another token answers %v", got)
	}
	f.wantStatus(t, "i-1", "STOPPED")
}

func TestATokenBelongsToItsParameters(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-2"}, simulator.Instance{
		ID: "i-far", Region: "cn-shanghai",
	})
	if _, err := f.stop(t, withToken("one"), "i-1"); err != nil {
		t.Fatal(err)
	}
	_, err := f.stop(t, withToken("one"), "i-2")
	wantError(t, err, "IdempotentParameterMismatch", 400)
	_, err = f.stop(t, func(in *ecs.StopInstancesInput) { withToken("one")(in); byForce(in) }, "i-1")
	wantError(t, err, "IdempotentParameterMismatch", 400)
	_, err = f.sdk.RebootInstancesWithContext(t.Context(), &ecs.RebootInstancesInput{
		ClientToken: sdk.String("one"), InstanceIds: sdk.StringSlice([]string{"i-1"}),
	})
	wantError(t, err, "IdempotentParameterMismatch", 400)
	f.wantStatus(t, "i-2", "RUNNING")

	far := f.client(t, "cn-shanghai", demo.Lasting.AccessKeyID, demo.Lasting.Secret, "")
	if _, err := far.StopInstancesWithContext(t.Context(), &ecs.StopInstancesInput{
		ClientToken: sdk.String("one"), InstanceIds: sdk.StringSlice([]string{"i-far"}),
	}); err != nil {
		t.Errorf("the token in another region: %v", err)
	}
	f.cloud.Reset()
	if err := f.cloud.Seed(simulator.Instance{ID: "i-2"}); err != nil {
		t.Fatal(err)
	}
	if got, err := f.stop(t, withToken("one"), "i-2"); one(t, got, err) != "" {
		t.Errorf("the token after a reset answers %v", got)
	}
}

func TestSingularCallsHonorTokensToo(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"})
	stop := func(dryRun bool) error {
		_, err := f.sdk.StopInstanceWithContext(t.Context(), &ecs.StopInstanceInput{
			InstanceId: sdk.String("i-1"), ClientToken: sdk.String("one"), DryRun: &dryRun,
		})
		return err
	}
	wantError(t, stop(true), "DryRunOperation", 412)
	if err := stop(false); err != nil {
		t.Fatalf("a dry run used up the token: %v", err)
	}
	f.turnOn(t)
	if err := stop(false); err != nil {
		t.Errorf("the repeat: %v", err)
	}
	f.wantStatus(t, "i-1", "RUNNING")
}

func TestTokensMayBeIgnored(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"})
	f.set(t, volcengine.ClientTokens, volcengine.Ignored)
	for range 2 {
		if got, err := f.stop(t, withToken("one"), "i-1"); one(t, got, err) != "" {
			t.Errorf("the stop answers %v", got)
		}
		f.wantStatus(t, "i-1", "STOPPED")
		f.turnOn(t)
	}
}

func TestACallWithoutEffectMayUseUpItsToken(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{volcengine.Forgotten: "", volcengine.Kept: "InvalidInstanceStatus"} {
		f := setUp(t, simulator.Instance{ID: "i-1", Status: "STOPPED"})
		f.set(t, volcengine.RefusedTokens, value)
		single := func() error {
			_, err := f.sdk.StopInstanceWithContext(t.Context(), &ecs.StopInstanceInput{
				InstanceId: sdk.String("i-1"), ClientToken: sdk.String("one"),
			})
			return err
		}
		wantError(t, single(), "InvalidInstanceStatus", 400)
		if got, err := f.stop(t, withToken("two"), "i-1"); one(t, got, err) != "InvalidInstanceStatus" {
			t.Errorf("the first call of many answers %v", got)
		}
		f.turnOn(t)
		if got, err := f.stop(t, withToken("two"), "i-1"); one(t, got, err) != want {
			t.Errorf("%s: the second call answers %v, want %q", value, got, want)
		}
		f.turnOn(t)
		err := single()
		if want == "" && err != nil {
			t.Errorf("%s: the second call of one: %v", value, err)
		}
		if want != "" {
			wantError(t, err, want, 400)
		}
	}
}

func TestATokenThatIsStillBeingServed(t *testing.T) {
	t.Parallel()
	for _, effect := range []bool{false, true} {
		f := setUp(t, simulator.Instance{ID: "i-1"})
		f.trouble(t, simulator.Trouble{Kind: volcengine.IdempotentProcessing, Count: 1, Effect: effect})
		_, err := f.stop(t, withToken("one"), "i-1")
		wantError(t, err, "IdempotentProcessing", http.StatusPreconditionFailed)
		if call := f.last(); call.Effect != effect {
			t.Errorf("the log has effect %t, want %t", call.Effect, effect)
		}
		if got, err := f.stop(t, withToken("one"), "i-1"); one(t, got, err) != "" {
			t.Errorf("the repeat answers %v", got)
		}
		if call := f.last(); call.Effect == effect {
			t.Errorf("the repeat has effect %t, want %t", call.Effect, !effect)
		}
		f.wantStatus(t, "i-1", "STOPPED")
	}
}

func TestACallWithoutATokenIsNotBeingServed(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"})
	f.trouble(t, simulator.Trouble{Kind: volcengine.IdempotentProcessing})
	// The SDK makes a token where there is none, so the request is made here.
	wantAnswer(t, f.send(t, raw{action: "StopInstances", query: "InstanceIds.1=i-1"}), "", 200)
	wantAnswer(t, f.send(t, raw{action: "StartInstances", query: "InstanceIds.1=i-1&ClientToken=x"}),
		"IdempotentProcessing", 412)
}

func TestAnAnswerThatWasLostIsThereForTheSameToken(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"})
	f.trouble(t, simulator.Trouble{Kind: simulator.ResetAfter, Count: 1})
	if _, err := f.stop(t, withToken("one"), "i-1"); err == nil {
		t.Fatal("the connection was not cut")
	}
	f.wantStatus(t, "i-1", "STOPPED")
	if got, err := f.stop(t, withToken("one"), "i-1"); one(t, got, err) != "" {
		t.Errorf("the repeat answers %v, want the first answer", got)
	}
	if got, err := f.stop(t, withToken("two"), "i-1"); one(t, got, err) != "InvalidInstanceStatus" {
		t.Errorf("a fresh token answers %v, want InvalidInstanceStatus", got)
	}
}
