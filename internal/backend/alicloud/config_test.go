package alicloud

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

func TestNewNamesWhatCanNeverWork(t *testing.T) {
	t.Parallel()
	keys := Credentials{AccessKeyID: "LTAIabc", AccessKeySecret: "secret-value"}
	tests := []struct {
		name, region, endpoint string
		creds                  Credentials
		want                   string
	}{
		{"no access key", testRegion, "", Credentials{AccessKeySecret: "secret-value"}, "AccessKeyID is empty: set `access_key`"},
		{"no secret key", testRegion, "", Credentials{AccessKeyID: "LTAIabc"}, "AccessKeySecret is empty: set `secret_key`"},
		{"a secret with a line feed", testRegion, "", Credentials{AccessKeyID: "LTAIabc", AccessKeySecret: "secret-value\n"}, "AccessKeySecret (`secret_key`)"},
		{"a token with a space", testRegion, "", Credentials{AccessKeyID: "LTAIabc", AccessKeySecret: "secret-value", SecurityToken: "to ken"}, "SecurityToken (`security_token`)"},
		{"no region", "", "", keys, "region is empty"},
		{"a region that is another host", "evil.example/#", "", keys, "region \"evil.example/#\""},
		{"an endpoint that does not parse", testRegion, "http://[", keys, "endpoint"},
		{"an endpoint without a scheme", testRegion, "127.0.0.1:80", keys, "endpoint"},
		{"an endpoint of another scheme", testRegion, "ftp://host", keys, "endpoint"},
		{"an endpoint without a host", testRegion, "https://", keys, "endpoint"},
		{"an endpoint with a path", testRegion, "https://host/path", keys, "endpoint"},
		{"an endpoint with a password", testRegion, "https://user:secret-value@host", keys, "endpoint"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := New(tt.creds, tt.region, Options{Endpoint: tt.endpoint})
			if err == nil {
				t.Fatalf("New: got %v, want an error", d)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error: got %q, want it to contain %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "secret-value") {
				t.Errorf("the error shows a secret: %q", err)
			}
		})
	}
}

func TestHostOfARegion(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"cn-hangzhou":           "ecs-cn-hangzhou.aliyuncs.com",
		"cn-shanghai-finance-1": "ecs-cn-hangzhou.aliyuncs.com",
		"cn-hangzhou-finance":   "ecs.aliyuncs.com",
		"cn-north-2-gov-1":      "ecs.aliyuncs.com",
		"cn-beijing":            "ecs.cn-beijing.aliyuncs.com",
		"ap-southeast-1":        "ecs.ap-southeast-1.aliyuncs.com",
	} {
		d, err := New(testCredentials(), region, Options{})
		if err != nil {
			t.Errorf("New(%s): %v", region, err)
			continue
		}
		if got := *d.client.Endpoint; got != want {
			t.Errorf("host of %s: got %q, want %q", region, got, want)
		}
		if got := *d.client.Protocol; got != "https" {
			t.Errorf("scheme of %s: got %q, want https", region, got)
		}
	}
}

func TestAnEndpointReplacesTheHost(t *testing.T) {
	t.Parallel()
	d, err := New(testCredentials(), testRegion, Options{Endpoint: "http://127.0.0.1:8080/"})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	if got, want := *d.client.Protocol+"://"+*d.client.Endpoint, "http://127.0.0.1:8080"; got != want {
		t.Errorf("address: got %q, want %q", got, want)
	}
	if d.client.RetryOptions != nil || d.client.ReadTimeout != nil || d.client.ConnectTimeout != nil {
		t.Error("the SDK has retries or time-outs of its own")
	}
}

func TestValidID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"i-bp67acfmxazb4p12abcd": true, "i-25skktcp4": true,
		"": false, "ins-r8hr2upy": false, "i-": false, "I-BP67ACFMXAZB": false, "i-bp67acfmxazb ": false, "9f1c1a52-1111-2222-3333-444455556666": false,
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
	want := backend.Capabilities{StopCharging: true, ModeChangeNeedsRestart: true, PerItemOutcomes: true, RatesAssumed: true, Burst: 20}
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
