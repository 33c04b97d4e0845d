package alicloud

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestDryRunAsksOnceForAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		op     backend.Op
		action string
		more   map[string]string
	}{
		{"start", backend.OpStart, "StartInstances", nil},
		{"stop", backend.OpStop, "StopInstances", map[string]string{"ForceStop": "true", "StoppedMode": "StopCharging"}},
		{"reboot", backend.OpReboot, "RebootInstances", map[string]string{"ForceReboot": "true"}},
	}
	for _, tt := range tests {
		t.Run("a "+tt.name+" passes by an error code", func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, fails(http.StatusBadRequest, "DRYRUN.SUCCESS", "all checks passed"))
			errs := c.driver(t).DryRun(t.Context(), tt.op, []string{"i-a", "i-b"}, backend.StopOptions{
				Force: backend.Forced, Mode: backend.StopCharging,
			})
			if len(errs) != 2 || errs[0] != nil || errs[1] != nil {
				t.Errorf("DryRun: got %v, want two nils", errs)
			}
			want := map[string]string{
				"RegionId": testRegion, "InstanceId.1": "i-a", "InstanceId.2": "i-b", "BatchOptimization": "AllTogether",
				"DryRun": "true",
			}
			for k, v := range tt.more {
				want[k] = v
			}
			wantQuery(t, c.only(t), tt.action, want)
		})
	}
}

func TestDryRunRefusals(t *testing.T) {
	t.Parallel()
	c := newCloud(t, fails(http.StatusForbidden, "IncorrectInstanceStatus", "The instance i-b is in the wrong status."))
	d := c.driver(t)
	errs := d.DryRun(t.Context(), backend.OpStart, []string{"i-a", "i-b"}, backend.StopOptions{})
	if len(errs) != 2 {
		t.Fatalf("DryRun: got %d errors, want 2", len(errs))
	}
	for _, err := range errs {
		f := d.Fault(err)
		if f.Kind != backend.KindBusy || !f.Shared || !cmp.Equal(f.IDs, []string{"i-b"}) {
			t.Errorf("fault: got %v, shared %t, ids %v; want Busy, shared, [i-b]", f.Kind, f.Shared, f.IDs)
		}
	}
	t.Run("an answer that is not dry is an error", func(t *testing.T) {
		t.Parallel()
		d := newCloud(t, accepts).driver(t)
		errs := d.DryRun(t.Context(), backend.OpStop, []string{"i-a"}, backend.StopOptions{})
		if len(errs) != 1 || errs[0] == nil || d.Fault(errs[0]).Kind != backend.KindUnavailable {
			t.Errorf("DryRun: got %v, want one error of kind Unavailable", errs)
		}
	})
	t.Run("an operation that does not exist is not sent", func(t *testing.T) {
		t.Parallel()
		c := newCloud(t, accepts)
		if errs := c.driver(t).DryRun(t.Context(), backend.Op(0), []string{"i-a"}, backend.StopOptions{}); errs[0] == nil {
			t.Error("DryRun: got nil, want an error")
		}
		if got := len(c.requests()); got != 0 {
			t.Errorf("requests: got %d, want 0", got)
		}
	})
}

func TestCheckAbsent(t *testing.T) {
	t.Parallel()
	const gone = -1
	tests := []struct {
		name   string
		answer answerFunc
		// kind is that of the fault, or gone for no error.
		kind backend.Kind
		code string
		// hidden: the error says that the instance exists.
		hidden bool
	}{
		{"an unknown id is gone", fails(http.StatusNotFound, "InvalidInstanceId.NotFound", "no"), gone, "", false},
		{"the plural code is gone too", fails(http.StatusNotFound, "InvalidInstanceIds.NotFound", "no"), gone, "", false},
		{"the forbidden code is gone too", fails(http.StatusForbidden, "Forbidden.InstanceNotFound", "no"), gone, "", false},
		{
			"an empty list of ids tells nothing", fails(http.StatusForbidden, "InvalidInstanceId.NotFound", "no"),
			backend.KindInvalid, "InvalidInstanceId.NotFound", false,
		},
		{"an attribute proves existence", func(w http.ResponseWriter, _ received, _ int) {
			write(w, http.StatusOK, `{"RequestId":"R","InstanceId":"i-a","Status":"Running"}`)
		}, backend.KindDenied, "", true},
		{
			"a denial is the cloud's", fails(http.StatusForbidden, "Forbidden.RAM", "denied"), backend.KindDenied,
			"Forbidden.RAM", false,
		},
		{
			"an unpaid account tells nothing", fails(http.StatusForbidden, "InsufficientBalance", "poor"), backend.KindInvalid,
			"InsufficientBalance", false,
		},
		{
			"a throttle tells nothing", fails(http.StatusBadRequest, "Throttling.User", "slow"), backend.KindThrottled,
			"Throttling.User", false,
		},
		{
			"a code that is new tells nothing", fails(http.StatusNotFound, "Brand.New", "?"), backend.KindOther, "Brand.New",
			false,
		},
		{"a page that is not found tells nothing", func(w http.ResponseWriter, _ received, _ int) {
			http.Error(w, "<html><title>404</title></html>", http.StatusNotFound)
		}, backend.KindOther, "", false},
		{"JSON of something else tells nothing", func(w http.ResponseWriter, _ received, _ int) {
			write(w, http.StatusNotFound, `{"error":"no route"}`)
		}, backend.KindOther, "", false},
		{"two answers in one tell nothing", func(w http.ResponseWriter, _ received, _ int) {
			const gone = `{"Code":"InvalidInstanceId.NotFound","Message":"no","RequestId":"R"}`
			write(w, http.StatusNotFound, gone+gone)
		}, backend.KindOther, "", false},
		{"an answer about another instance tells nothing", func(w http.ResponseWriter, _ received, _ int) {
			write(w, http.StatusOK, `{"RequestId":"R","InstanceId":"i-b"}`)
		}, backend.KindUnavailable, "", false},
		{"an answer about none tells nothing", func(w http.ResponseWriter, _ received, _ int) {
			write(w, http.StatusOK, `{"RequestId":"R"}`)
		}, backend.KindUnavailable, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, tt.answer)
			d := c.driver(t)
			err := d.CheckAbsent(t.Context(), "i-a")
			wantQuery(t, c.only(t), "DescribeInstanceAttribute", map[string]string{"RegionId": testRegion, "InstanceId": "i-a"})
			if tt.kind == gone {
				if err != nil {
					t.Errorf("CheckAbsent: got %v, want nil", err)
				}
				return
			}
			if err == nil {
				t.Fatal("CheckAbsent: got nil, want an error")
			}
			f := d.Fault(err)
			if f.Kind != tt.kind || f.Code != tt.code {
				t.Errorf("fault: got %v %q, want %v %q", f.Kind, f.Code, tt.kind, tt.code)
			}
			if got := strings.Contains(err.Error(), "i-a exists"); got != tt.hidden {
				t.Errorf("says that it exists: got %t, want %t (%v)", got, tt.hidden, err)
			}
			if tt.hidden && !strings.Contains(f.Advice, "ecs:DescribeInstances") {
				t.Errorf("advice: got %q, want the permission that is missing", f.Advice)
			}
		})
	}
}
