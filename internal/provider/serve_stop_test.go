package provider

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

func TestARequestThatArrivesAfterTheStopEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		driver := memory.New(memory.Options{StopTime: time.Hour})
		driver.Add(backend.Instance{ID: "h-1", State: backend.Running})
		r := newRPC(t, driver, configured)
		plan := r.plan(resourceWith(nil), held{})
		if _, err := r.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, diags := r.apply(t.Context(), resourceWith(nil), held{}, plan)
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("the apply took %s", took)
		}
		wantTexts(t, diags, `
error: Unable to stop instance "h-1"

The run was interrupted before the cloud reported the instance as stopped.

  Cloud:       here, r-1
  Wanted:      stopped

Calls that the cloud has already accepted are not undone. The next apply begins by reading the instance.`)
		if got := driver.Count(memory.Stop); got != 0 {
			t.Errorf("got %d stops after the end, want 0", got)
		}
	})
}
