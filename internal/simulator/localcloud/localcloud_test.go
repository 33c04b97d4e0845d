package localcloud_test

import (
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

func TestEveryCloudIsServedWithItsDemo(t *testing.T) {
	t.Parallel()
	server, err := localcloud.Start(t.Context(), simulator.DefaultAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := localcloud.Demo(server); err != nil {
		t.Fatal(err)
	}
	localcloud.Baseline(server)
	localcloud.SetTransition(server, time.Minute)
	if server.Cloud("tencentcloud") == nil {
		t.Error("Tencent Cloud is not served")
	}
	for _, wire := range server.Wires() {
		cloud := wire.Cloud()
		if got := cloud.Durations().Stop; got != simulator.Duration(time.Minute) {
			t.Errorf("%s: a stop takes %s, want a minute", cloud.Name(), got)
		}
		control := simulator.NewControl(server.URL(), cloud.Name())
		if err := control.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := control.Instances(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 0 || len(all) != len(wire.DemoFleet()) {
			t.Errorf("%s: %d instances after a reset, want the %d of the demo", cloud.Name(), len(all), len(wire.DemoFleet()))
		}
		var temporary, expired, lasting bool
		for _, k := range cloud.Credentials() {
			temporary = temporary || k.Token != "" && !k.Expired
			expired = expired || k.Expired
			lasting = lasting || k.Token == "" && k.Policy == nil
		}
		if !temporary || !expired || !lasting {
			t.Errorf("%s: credentials lack a lasting (%v), a temporary (%v) or an expired (%v) one", cloud.Name(), lasting, temporary, expired)
		}
		for _, variable := range wire.Environment(server.URL()) {
			if name, value, ok := strings.Cut(variable, "="); !ok || name == "" || value == "" {
				t.Errorf("%s: %q is no variable", cloud.Name(), variable)
			}
		}
	}
}

func TestSeedFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, data, says string
	}{
		{"a good one", `{"tencentcloud":[{"id":"ins-00000001","status":"STOPPED"}]}`, ""},
		{"a cloud that does not exist", `{"moon":[]}`, "moon"},
		{"an unknown field", `{"tencentcloud":[{"id":"ins-00000001","shade":"red"}]}`, "shade"},
		{"an unknown region", `{"tencentcloud":[{"id":"ins-00000001","region":"mars"}]}`, "mars"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, err := localcloud.New()
			if err != nil {
				t.Fatal(err)
			}
			err = localcloud.Seed(server, []byte(test.data))
			if test.says == "" {
				if i, ok := server.Cloud("tencentcloud").Instance("ins-00000001"); err != nil || !ok || i.Status != "STOPPED" {
					t.Errorf("error %v, instance %+v; want one that is STOPPED", err, i)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error is %v, want %q in it", err, test.says)
			}
		})
	}
}
