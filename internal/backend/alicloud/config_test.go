package alicloud

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestHostOfARegion(t *testing.T) {
	t.Parallel()
	for _, region := range []string{
		"cn-hangzhou", "cn-shanghai-finance-1", "cn-hangzhou-finance", "cn-north-2-gov-1", "cn-wuhan", "ap-southeast-1",
	} {
		got, err := api.Host(region)
		if want := "ecs." + region + ".aliyuncs.com"; err != nil || got != want {
			t.Errorf("host of %s: got %q, %v, want %q", region, got, err, want)
		}
	}
}

func TestValidID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"i-bp67acfmxazb4p12abcd": true, "i-25skktcp4": true,
		"": false, "ins-r8hr2upy": false, "i-": false, "I-BP67ACFMXAZB": false, "i-bp67acfmxazb ": false,
		"9f1c1a52-1111-2222-3333-444455556666": false,
	} {
		if got := ValidID(id); got != want {
			t.Errorf("ValidID(%q): got %t, want %t", id, got, want)
		}
	}
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	d, err := New(testCredentials(), testRegion, Options{})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	want := backend.Capabilities{
		StopCharging: true, ModeChangeNeedsRestart: true, PerItemOutcomes: true, RatesAssumed: true, Burst: 20,
	}
	rates := cmpopts.IgnoreFields(backend.Capabilities{}, "ReadsPerSecond", "WritesPerSecond")
	got := d.Capabilities()
	if diff := cmp.Diff(want, got, rates); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
	if got.ReadsPerSecond <= 0 || got.WritesPerSecond <= 0 {
		t.Errorf("rates: got %v and %v, want both above zero", got.ReadsPerSecond, got.WritesPerSecond)
	}
	if got, want := d.BatchSize(), 100; got != want {
		t.Errorf("batch size: got %d, want %d", got, want)
	}
}
