package provider

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// Terraform works on ten resources at a time; what they ask at about the same
// time is asked once.
func TestResourcesShareTheirCalls(t *testing.T) {
	t.Parallel()
	const resources = 10
	for name, test := range map[string]struct {
		config        map[string]any
		plans, writes int
	}{
		"within the batch window":              {map[string]any{"batch_window": "200ms"}, 1, 1},
		"which is there by default":            {nil, 1, 1},
		"not when the batch window is nothing": {map[string]any{"batch_window": "0s"}, resources, resources},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupWith(t, test.config)
				configs, plans := make([]map[string]any, resources), make([]*tfprotov6.PlanResourceChangeResponse, resources)
				for i := range resources {
					id := fmt.Sprintf("h-%d", i)
					s.cloud.Add(backend.Instance{ID: id, State: backend.Running})
					configs[i] = resourceOf("stopped", map[string]any{"instance_id": id})
				}
				each := func(do func(i int)) {
					var all sync.WaitGroup
					for i := range resources {
						all.Go(func() { do(i) })
					}
					all.Wait()
				}
				each(func(i int) { plans[i] = s.plan(configs[i], held{}) })
				s.wantCalls(test.plans, memory.Describe)
				each(func(i int) {
					after, diags := s.apply(t.Context(), configs[i], held{}, plans[i])
					wantTexts(t, diags, "")
					s.wantValues(after.state, map[string]any{"id": fmt.Sprintf("here/r-1/h-%d", i), "state": "stopped"})
				})
				s.wantCalls(test.writes, memory.Stop)
			})
		})
	}
}

// TestARefreshOfManyResourcesIsAFewReads: as many at a time as the CLI was told to.
func TestARefreshOfManyResourcesIsAFewReads(t *testing.T) {
	t.Parallel()
	const resources, parallelism = 300, 100
	for name, test := range map[string]struct {
		config      map[string]any
		least, most int
	}{
		"joined":                          {nil, 3, 8},
		"or one each, when that is asked": {map[string]any{"batch_window": "0s"}, resources, resources},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := setupWith(t, test.config)
				at := make([]held, resources)
				var all sync.WaitGroup
				for i := range resources {
					id := fmt.Sprintf("h-%03d", i)
					s.cloud.Add(backend.Instance{ID: id, State: backend.Stopped})
					all.Go(func() { at[i] = s.reach(resourceOf("stopped", map[string]any{"instance_id": id}), held{}) })
				}
				all.Wait()
				time.Sleep(time.Minute)
				s.cloud.ForgetCalls()
				hands := make(chan struct{}, parallelism)
				for i := range resources {
					all.Go(func() {
						hands <- struct{}{}
						defer func() { <-hands }()
						s.wantValues(s.refresh(at[i]).state, map[string]any{"instance_id": fmt.Sprintf("h-%03d", i), "state": "stopped"})
					})
				}
				all.Wait()
				if got := s.cloud.Count(memory.Describe); got < test.least || got > test.most {
					t.Errorf("got %d describes, want %d to %d", got, test.least, test.most)
				}
			})
		})
	}
}

// TestJoiningCostsOneInstanceAWindowAtMost: all reads and calls of its run together. Only
// the first one waits, until it is known that Terraform has nothing else to do.
func TestJoiningCostsOneInstanceAWindowAtMost(t *testing.T) {
	t.Parallel()
	took := map[string]time.Duration{}
	for _, window := range []string{"", "0s"} {
		inFakeTime(t, func(t *testing.T) {
			var config map[string]any
			if window != "" {
				config = map[string]any{"batch_window": window}
			}
			s := setupWith(t, config, machine(backend.Running))
			began := time.Now()
			at := s.reach(resourceOf("running", nil), held{})
			time.Sleep(time.Minute)
			at = s.refresh(at)
			s.plan(resourceOf("stopped", nil), at)
			s.step(resourceOf("stopped", nil), at)
			took[window] = time.Since(began)
		})
	}
	if more := took[""] - took["0s"]; more > 50*time.Millisecond || more < 0 {
		t.Errorf("it takes %v with joining and %v without, want up to 50ms more", took[""], took["0s"])
	}
}

// TestRequestsPerSecondIsKept: the setting replaces the cloud's own rates.
func TestRequestsPerSecondIsKept(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rate    any
		regions []string
		most    int // reads in the first second
	}{
		"when it is set":                       {2.0, []string{"r-1"}, 2},
		"when a region is in capitals as well": {2.0, []string{"r-1", "R-1"}, 2},
		"when it is not set":                   {nil, []string{"r-1"}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				here := map[string]any{"requests_per_second": test.rate}
				if usual, ok := configured["here"].(map[string]any); ok {
					maps.Copy(here, usual)
				}
				s := setupWith(t, map[string]any{"here": here, "batch_window": "0s"})
				var all sync.WaitGroup
				for i := range 6 {
					id := fmt.Sprintf("h-%d", i)
					s.cloud.Add(backend.Instance{ID: id, State: backend.Running})
					one := map[string]any{"instance_id": id, "region": test.regions[i%len(test.regions)]}
					all.Go(func() { s.plan(resourceOf("stopped", one), held{}) })
				}
				all.Wait()
				s.wantCalls(6, memory.Describe)
				calls, early := s.cloud.Calls(memory.Describe), 0
				for _, call := range calls {
					if call.At.Sub(calls[0].At) < time.Second {
						early++
					}
				}
				if early != test.most {
					t.Errorf("got %d reads in the first second, want %d", early, test.most)
				}
			})
		})
	}
}

// A second plan in the same process, after a while, reads again.
func TestAnObservationServesAPreflightOnlyForAWhile(t *testing.T) {
	t.Parallel()
	for pause, want := range map[time.Duration]int{10 * time.Second: 1, 20 * time.Second: 2} {
		t.Run(fmt.Sprintf("after %v there were %d reads", pause, want), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, machine(backend.Running))
				s.plan(resourceOf("stopped", nil), held{})
				<-time.After(pause)
				s.plan(resourceOf("stopped", nil), held{})
				s.wantCalls(want)
			})
		})
	}
}
