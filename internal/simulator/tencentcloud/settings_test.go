package tencentcloud_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
)

// answers are what shows each value of each switch that is not one of the token
// service.
func answers() map[string]map[string]func(*testing.T, *fixture) {
	return map[string]map[string]func(*testing.T, *fixture){
		tencentcloud.ForceWhileStopping: {
			tencentcloud.Refused:  forceWhileStopping("UnsupportedOperation.InstanceStateStopping", "STOPPING"),
			tencentcloud.Accepted: forceWhileStopping("", "STOPPED"),
		},
		tencentcloud.StopWhileStopped: {
			tencentcloud.Refused:      stopWhileStopped("UnsupportedOperation.InstanceStateStopped", "KEEP_CHARGING", false),
			tencentcloud.Ignored:      stopWhileStopped("", "KEEP_CHARGING", false),
			tencentcloud.SwitchesMode: stopWhileStopped("", "STOP_CHARGING", true),
		},
		tencentcloud.BothForces: {
			tencentcloud.Refused:  bothForces("InvalidParameterCombination"),
			tencentcloud.Accepted: bothForces(""),
		},
		tencentcloud.IneligibleAlone: {
			tencentcloud.Refused:    ineligibleAlone("UnsupportedOperation.StoppedModeStopCharging", "RUNNING"),
			tencentcloud.Downgraded: ineligibleAlone("", "STOPPED"),
		},
		tencentcloud.Batch: {
			tencentcloud.Atomic:  batchOf("RUNNING"),
			tencentcloud.Partial: batchOf("STOPPED"),
		},
		tencentcloud.IneligibleReads: {
			"NOT_APPLICABLE": ineligibleReads("NOT_APPLICABLE"),
			"KEEP_CHARGING":  ineligibleReads("KEEP_CHARGING"),
		},
		tencentcloud.LatestOperation: {
			tencentcloud.OfTheLastCall: latestOperation(true),
			tencentcloud.Null:          latestOperation(false),
		},
		tencentcloud.PageOfIDs: {
			tencentcloud.DefaultPage: pageOfIDs(20),
			tencentcloud.AllIDs:      pageOfIDs(30),
		},
	}
}

func TestEverySwitchHasItsAnswers(t *testing.T) {
	t.Parallel()
	all, ofTokens := answers(), tokenAnswers()
	shown := 0
	for _, s := range tencentcloud.New().Cloud().Words().Settings {
		if ofTokens[s.Name] != nil {
			continue
		}
		shown++
		for _, value := range s.Values {
			t.Run(s.Name+" is "+value, func(t *testing.T) {
				t.Parallel()
				check := all[s.Name][value]
				if check == nil {
					t.Fatal("nothing shows that it is")
				}
				f := setUp(t)
				f.set(t, s.Name, value)
				check(t, f)
			})
		}
	}
	if shown != len(all) {
		t.Errorf("%d switches are shown, and %d of them exist", len(all), shown)
	}
}

const one = "ins-00000001"

func seed(t *testing.T, f *fixture, instances ...simulator.Instance) {
	t.Helper()
	if err := f.cloud.Seed(instances...); err != nil {
		t.Fatal(err)
	}
}

func hard(r *cvm.StopInstancesRequest) { r.StopType = common.StringPtr("HARD") }

func forceWhileStopping(want, after string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		seed(t, f, simulator.Instance{ID: one})
		f.trouble(t, simulator.Trouble{Kind: simulator.SoftStopIgnored})
		if _, err := f.stop(t.Context(), nil, one); err != nil {
			t.Fatal(err)
		}
		_, err := f.stop(t.Context(), nil, one)
		wantCode(t, err, "UnsupportedOperation.InstanceStateStopping")
		_, err = f.stop(t.Context(), hard, one)
		wantCode(t, err, want)
		if got := f.status(t, one); got != after {
			t.Errorf("it is %s, want %s", got, after)
		}
	}
}

func stopWhileStopped(want, mode string, effect bool) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		seed(t, f, simulator.Instance{ID: one, Status: "STOPPED", StoppedMode: "KEEP_CHARGING"})
		_, err := f.stop(t.Context(), stopCharging, one)
		wantCode(t, err, want)
		if got := f.last().Effect; got != effect {
			t.Errorf("the call has an effect: %t, want %t", got, effect)
		}
		i := f.describe(t, nil, one)[0]
		if got := []string{*i.InstanceState, *i.StopChargingMode}; !cmp.Equal(got, []string{"STOPPED", mode}) {
			t.Errorf("it is %q, want STOPPED with %s", got, mode)
		}
	}
}

func bothForces(want string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		seed(t, f, simulator.Instance{ID: one})
		f.trouble(t, simulator.Trouble{Kind: simulator.SoftStopIgnored})
		_, err := f.stop(t.Context(), func(r *cvm.StopInstancesRequest) {
			hard(r)
			r.ForceStop = common.BoolPtr(false)
		}, one)
		wantCode(t, err, want)
		k := f.last()
		if k.Effect != (want == "") || k.Force != simulator.Forced {
			t.Errorf("it had an effect: %t, with the force %s", k.Effect, k.Force)
		}
	}
}

func ineligibleAlone(want, status string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		seed(t, f, simulator.Instance{ID: one, ChargeType: "PREPAID"})
		_, err := f.stop(t.Context(), stopCharging, one)
		wantCode(t, err, want)
		if got := f.status(t, one); got != status {
			t.Errorf("it is %s, want %s", got, status)
		}
	}
}

func batchOf(good string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		seed(t, f, simulator.Instance{ID: one}, simulator.Instance{ID: "ins-00000002", Status: "RESCUE_MODE"})
		_, err := f.stop(t.Context(), nil, one, "ins-00000002")
		wantCode(t, err, "UnsupportedOperation.InstanceStateRescueMode")
		if got := f.status(t, one); got != good {
			t.Errorf("the good instance is %s, want %s", got, good)
		}
	}
}

func ineligibleReads(want string) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		seed(t, f, simulator.Instance{ID: one, ChargeType: "PREPAID", Status: "STOPPED"})
		if got := *f.describe(t, nil, one)[0].StopChargingMode; got != want {
			t.Errorf("its mode reads %s, want %s", got, want)
		}
	}
}

func latestOperation(filled bool) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		seed(t, f, simulator.Instance{ID: one})
		if _, err := f.stop(t.Context(), nil, one); err != nil {
			t.Fatal(err)
		}
		i := f.describe(t, nil, one)[0]
		for _, got := range []*string{i.LatestOperation, i.LatestOperationState, i.LatestOperationRequestId} {
			if (got != nil) != filled {
				t.Errorf("the last operation is %v, %v, %v", i.LatestOperation, i.LatestOperationState, i.LatestOperationRequestId)
			}
		}
	}
}

func pageOfIDs(want int) func(*testing.T, *fixture) {
	return func(t *testing.T, f *fixture) {
		t.Helper()
		all, err := f.cloud.SeedBulk(simulator.Bulk{Count: 40, IDPattern: "ins-########"})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(f.describe(t, nil, all[:30]...)); got != want {
			t.Errorf("a describe of 30 ids has %d instances, want %d", got, want)
		}
		if got := len(f.describe(t, nil)); got != 20 {
			t.Errorf("a describe of all has %d instances, want 20", got)
		}
	}
}

// The API takes 32 KB of a GET.
func TestAQueryThatIsTooLong(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	for length, want := range map[int]string{32 << 10: "UnknownParameter", 32<<10 + 1: "RequestSizeLimitExceeded"} {
		target := f.server.URL() + "/?" + strings.Repeat("x", length)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "X-TC-Action": "DescribeInstances",
			"X-TC-Version": tencentcloud.Version, "X-TC-Region": region,
		} {
			req.Header.Set(name, value)
		}
		tencentcloud.SignAs(req, "")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(body), `"Code":"`+want+`"`) {
			t.Errorf("a query of %d bytes is answered with %.200s, want %s", length, body, want)
		}
	}
}
