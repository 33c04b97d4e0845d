package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// listRequest is a request of all that is listed, without the objects.
func (r *rpc) listRequest(config map[string]any) *tfprotov6.ListResourceRequest {
	r.t.Helper()
	if config == nil {
		config = map[string]any{}
	}
	return &tfprotov6.ListResourceRequest{
		TypeName: powerStateType, Config: r.dynamic(r.schema.ListResourceSchemas[powerStateType].ValueType(), config),
	}
}

// listServer is what serves lists.
func (r *rpc) listServer() tfprotov6.ListResourceServer {
	r.t.Helper()
	server, ok := r.server.(tfprotov6.ListResourceServer)
	if !ok {
		r.t.Fatal("the server does not serve lists")
	}
	return server
}

// results reads a list to its end, apart from the diagnostics.
func (r *rpc) results(
	ctx context.Context, req *tfprotov6.ListResourceRequest,
) (found []tfprotov6.ListResourceResult, diags []*tfprotov6.Diagnostic) {
	r.t.Helper()
	stream, err := r.listServer().ListResource(ctx, req)
	r.must(err)
	for result := range stream.Results {
		diags = append(diags, result.Diagnostics...)
		if result.Identity != nil {
			found = append(found, result)
		}
	}
	return found, diags
}

func displayNames(results []tfprotov6.ListResourceResult) []string {
	names := []string{}
	for _, result := range results {
		names = append(names, result.DisplayName)
	}
	return names
}

func TestListFindsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"all of the region": {nil, []string{
			"web-2 (h-1): stopped, charging", "db-1 (h-2): stopped, not charging", "web-1 (h-3): running, charging",
			"old (h-4): unavailable", "paid (h-5): stopped, charging",
		}},
		"by name": {
			map[string]any{"name": "web-*"}, []string{"web-2 (h-1): stopped, charging", "web-1 (h-3): running, charging"},
		},
		"by tags": {
			map[string]any{"tags": wordMap(map[string]string{"env": "prod"})},
			[]string{"db-1 (h-2): stopped, not charging", "web-1 (h-3): running, charging"},
		},
		"stopped and still paid": {
			map[string]any{"states": words("stopped"), "charging": true},
			[]string{"web-2 (h-1): stopped, charging", "paid (h-5): stopped, charging"},
		},
		"by charge types": {
			map[string]any{"charge_types": words("prepaid", "spot")},
			[]string{"web-2 (h-1): stopped, charging", "paid (h-5): stopped, charging"},
		},
		"that can stop charging": {
			map[string]any{"can_stop_charging": true, "instance_types": words("S5.MEDIUM4"), "zones": words("r-1-a")},
			[]string{"web-1 (h-3): running, charging"},
		},
		"none": {map[string]any{"name": "no-such-name"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t, assorted()...)
				found, diags := s.results(t.Context(), s.listRequest(test.config))
				wantTexts(t, diags, "")
				if diff := cmp.Diff(displayNames(found), test.want); diff != "" {
					t.Errorf("found (-got +want):\n%s", diff)
				}
				s.wantCalls(1)
			})
		})
	}
}

// The object of a result, and what an import of it reads, are the same.
func TestListShowsWhatAnImportReads(t *testing.T) {
	t.Parallel()
	flat, nameless := machine(backend.Running), backend.Instance{ID: "h-0", State: backend.Running}
	flat.ID = "f-1"
	for name, test := range map[string]struct {
		config map[string]any
		ids    []string
		region any
	}{
		"with regions":    {nil, []string{"h-0", "h-1", "h-2", "h-3", "h-4", "h-5"}, "r-1"},
		"without regions": {map[string]any{"cloud": "flat"}, []string{"f-1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t)
				if test.config == nil {
					s.cloud.Add(append(assorted(), nameless)...)
				} else {
					s.cloud.Add(flat)
				}
				req := s.listRequest(test.config)
				req.IncludeResource = true
				found, diags := s.results(t.Context(), req)
				wantTexts(t, diags, "")
				var ids []string
				for _, result := range found {
					identity := s.identity(result.Identity)
					id := fmt.Sprint(identity["instance_id"])
					ids = append(ids, id)
					if got := identity["region"]; got != test.region {
						t.Errorf("the region of %s is %v, want %v", id, got, test.region)
					}
					imported, diags := s.importIdentity(identity)
					wantTexts(t, diags, "")
					if diff := cmp.Diff(s.values(result.Resource), s.values(s.refresh(imported).state)); diff != "" {
						t.Errorf("%s as listed and as imported (-listed +imported):\n%s", id, diff)
					}
				}
				if diff := cmp.Diff(ids, test.ids); diff != "" {
					t.Errorf("ids (-got +want):\n%s", diff)
				}
				first := found[0].DisplayName
				if got, want := strings.HasPrefix(first, test.ids[0]+":"), test.config == nil; got != want {
					t.Errorf("the first is called %q", first)
				}
			})
		})
	}
}

func TestListStopsAtTheLimitAndReadsNoFurther(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]int{1: 1, 100: 1, 101: 2, 250: 3, 1000: 3, 0: 3} {
		t.Run(fmt.Sprint("the limit is ", limit), func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t)
				s.cloud.AddN(250, backend.Instance{ID: "h", State: backend.Running})
				req := s.listRequest(nil)
				req.Limit = limit
				found, diags := s.results(t.Context(), req)
				wantTexts(t, diags, "")
				most := int(limit)
				if limit == 0 || limit > 250 {
					most = 250
				}
				if got := len(found); got != most {
					t.Errorf("found %d, want %d", got, most)
				}
				s.wantCalls(want, memory.List)
			})
		})
	}
}

func TestListStreams(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t)
		s.cloud.AddN(250, backend.Instance{ID: "h", State: backend.Running})
		stream, err := s.listServer().ListResource(t.Context(), s.listRequest(nil))
		s.must(err)
		s.wantCalls(0)
		for range stream.Results {
			s.wantCalls(1)
			break
		}
	})
}

func TestListSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config  map[string]any
		trouble *memory.Trouble
		found   int
		want    string
	}{
		"a cloud that is not configured well": {
			map[string]any{"cloud": "flat", "region": "r-1"}, nil, 0, `
error at AttributeName("region"): Region on a cloud without regions

Flat Cloud has no regions: remove ` + "`region` from the resource.",
		},
		"a page that is denied": {
			nil, &memory.Trouble{Op: memory.List, After: 1, Fault: backend.Fault{
				Kind: backend.KindDenied, Code: "NoRights", Message: "You may not.",
			}}, 100, `
error: Unable to list the instances of here (r-1)

The cloud answered: You may not.

  Cloud:       here, r-1
  Code:        NoRights
  Request id:  req-2

Check the credentials of the provider's configuration and the permissions of their owner.`,
		},
		"pages that are throttled until time is up": {
			map[string]any{"timeouts": map[string]any{"list": "30s"}},
			&memory.Trouble{Op: memory.List, After: 2, Times: memory.Always, Fault: backend.Fault{
				Kind: backend.KindThrottled, Code: "TooMany", RequestID: "r", Message: "Later",
			}}, 200, `
error: Unable to list the instances of here (r-1)

The time limit of 30s (` + "`timeouts.list`" + `) passed before the listing ended. The cloud's last refusal: Later.

  Cloud:       here, r-1
  Code:        TooMany
  Request id:  r

Nothing was changed. If the cloud is often that slow, raise ` + "`timeouts.list`.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inFakeTime(t, func(t *testing.T) {
				s := newSetup(t)
				s.cloud.AddN(250, backend.Instance{ID: "h", State: backend.Running})
				if test.trouble != nil {
					s.cloud.Fail(*test.trouble)
				}
				found, diags := s.results(t.Context(), s.listRequest(test.config))
				wantTexts(t, diags, test.want)
				if got := len(found); got != test.found {
					t.Errorf("%d were found before that, want %d", got, test.found)
				}
			})
		})
	}
}

func TestListOfNothingIsAWarningWhereItMayBeAMissingPermission(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := setupOf(t, memory.Options{}, func(d *memory.Driver) backend.Driver { return memory.WithAbsenceCheck(d) }, nil)
		_, diags := s.results(t.Context(), s.listRequest(nil))
		wantTexts(t, diags, `
warning: No instance found in here (r-1)

Here Cloud also returns an empty list if the credentials lack the permission to list instances. `+
			`If there should be some, check the permissions.`)
	})
}

func TestListConfigIsValidated(t *testing.T) {
	t.Parallel()
	r := newRPC(t, newMemory(), configured)
	for attribute, value := range map[string]any{
		"cloud": "aws", "region": "r 1", "states": words("absent"), "timeouts": map[string]any{"list": "soon"},
	} {
		resp, err := r.listServer().ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: powerStateType, Config: r.listRequest(map[string]any{attribute: value}).Config,
		})
		r.must(err)
		if got := texts(resp.Diagnostics); !strings.HasPrefix(got, "error at AttributeName(\""+attribute+"\")") {
			t.Errorf("%s = %v: got %q, want an error of the attribute", attribute, value, got)
		}
	}
}

// A query that is cut short must not look like one that is complete.
func TestListThatIsStoppedEndsWithAnError(t *testing.T) {
	t.Parallel()
	inFakeTime(t, func(t *testing.T) {
		s := newSetup(t)
		s.cloud.AddN(250, backend.Instance{ID: "h", State: backend.Running})
		s.cloud.Fail(memory.Trouble{Op: memory.List, After: 1, Times: memory.Always, Hang: true})
		stopped := make(chan time.Time)
		go func() {
			time.Sleep(30 * time.Second)
			if _, err := s.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Error(err)
			}
			stopped <- time.Now()
		}()
		began := time.Now()
		found, diags := s.results(t.Context(), s.listRequest(nil))
		wantElapsed(t, began, 30*time.Second)
		if got, want := len(found), 100; got != want {
			t.Errorf("found %d, want %d", got, want)
		}
		wantTexts(t, diags, `
error: Unable to list the instances of here (r-1)

The run was interrupted before the listing ended. The cloud could not be reached: context deadline exceeded.

  Cloud:       here, r-1

Nothing was changed.`)
		<-stopped
	})
}
