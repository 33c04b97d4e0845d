package zenlayercloud_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

func TestDemoPointsClientsAtTheSimulator(t *testing.T) {
	t.Parallel()
	wire := zenlayercloud.New()
	want := []string{
		"ZENLAYERCLOUD_ACCESS_KEY_ID=" + demo.Lasting.AccessKeyID,
		"ZENLAYERCLOUD_ACCESS_KEY_PASSWORD=" + demo.Lasting.Secret,
		"ZENLAYERCLOUD_DOMAIN=127.0.0.1:8090",
		"ZENLAYERCLOUD_SCHEME=HTTP",
	}
	if diff := cmp.Diff(want, wire.Environment("http://127.0.0.1:8090")); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	w := start(t, long, wire.DemoFleet()...)
	shown := 0
	for _, sdk := range clients(t, w)[1:3] {
		shown += len(states(t, sdk.describe))
	}
	if shown != len(wire.DemoFleet()) {
		t.Errorf("the two services show %d instances, want the %d of the demo", shown, len(wire.DemoFleet()))
	}
}

func TestSettingsBeginWithTheirDefaults(t *testing.T) {
	t.Parallel()
	cloud := zenlayercloud.New().Cloud()
	want := map[string]string{
		zenlayercloud.ForceWhileStopping: zenlayercloud.Accepted,
		zenlayercloud.Failures:           zenlayercloud.Listed,
		zenlayercloud.NoFailures:         zenlayercloud.EmptyList,
		zenlayercloud.Batch:              zenlayercloud.Atomic,
		zenlayercloud.AbsentIDs:          zenlayercloud.Omitted,
		zenlayercloud.PageOfIDs:          zenlayercloud.DefaultPage,
		zenlayercloud.FuzzyName:          zenlayercloud.Contains,
		zenlayercloud.TagMatch:           zenlayercloud.AllTags,
		zenlayercloud.StartingWord:       "BOOTING",
		zenlayercloud.RecycleWord:        "RECYCLE",
		zenlayercloud.AuthStatus:         "401",
		zenlayercloud.Messages:           zenlayercloud.WithID,
	}
	if diff := cmp.Diff(want, cloud.Settings()); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	for _, s := range cloud.Words().Settings {
		if s.Doc == "" || len(s.Values) < 2 {
			t.Errorf("setting %s has doc %q and values %q, want a sentence and two values", s.Name, s.Doc, s.Values)
		}
	}
}

func TestMatchClaimsNoOtherCloud(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path, header, value string
		want                      bool
	}{
		{"the path of a service", "/api/v2/vm", "", "", true},
		{"the header of the action", "/", "X-ZC-Action", "StopInstances", true},
		{"the scheme of the signature", "/", "Authorization", "ZC2-HMAC-SHA256 Credential=x", true},
		{"a request of Tencent Cloud", "/", "X-TC-Action", "StopInstances", false},
		{"a request of Alibaba Cloud", "/", "Authorization", "ACS3-HMAC-SHA256 Credential=x", false},
		{
			"a request of Volcengine", "/?Action=StopInstances&Version=2020-04-01", "Authorization", "HMAC-SHA256 Credential=x",
			false,
		},
		{"a request of nobody", "/api/v1/vm", "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1"+test.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if test.header != "" {
				r.Header.Set(test.header, test.value)
			}
			if got := zenlayercloud.New().Match(r); got != test.want {
				t.Errorf("match is %v, want %v", got, test.want)
			}
		})
	}
}
