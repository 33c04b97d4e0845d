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
		for _, variable := range wire.Environment(server.URL()) {
			if name, value, ok := strings.Cut(variable, "="); !ok || name == "" || value == "" {
				t.Errorf("%s: %q is no variable", cloud.Name(), variable)
			}
		}
	}
}

func TestTheRowsOfTheTableOfServices(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, s := range localcloud.Services() {
		if names[s.Name()] {
			t.Errorf("two services are called %s", s.Name())
		}
		names[s.Name()] = true
		cloud := s.New().Cloud()
		if cloud.Name() != s.Cloud {
			t.Errorf("%s: its wire is that of %s", s.Name(), cloud.Name())
		}
		if s.Scope() == "" || s.Region != "" && !cloud.KnowsRegion(s.Region) || s.Region == "" && len(cloud.Regions()) > 0 {
			t.Errorf("%s: its region %q or product %q is none of the cloud's", s.Name(), s.Region, s.Product)
		}
		if err := cloud.Seed(s.Instance(s.ID(1)), s.Instance(s.ID(2))); err != nil || len(cloud.Instances()) != 2 {
			t.Errorf("%s: %s and %s are seeded as %d instances: %v", s.Name(), s.ID(1), s.ID(2), len(cloud.Instances()), err)
		}
		if len(cloud.Words().Inoperable) == 0 {
			t.Errorf("%s: its words have no trouble that makes an instance inoperable", s.Name())
		}
		for _, trouble := range cloud.Words().Inoperable {
			if _, err := cloud.AddTrouble(trouble); err != nil {
				t.Errorf("%s: %v", s.Name(), err)
			}
		}
		action := s.Permission("StopInstances")
		for kind, key := range map[string]struct {
			simulator.Credential
			may bool
		}{
			"lasting": {s.Keys.Lasting, true}, "temporary": {s.Keys.Temporary, true}, "expired": {s.Keys.Expired, true},
			"read-only": {s.Keys.ReadOnly, false}, "denied": {s.Keys.Denied, false},
		} {
			if key.AccessKeyID == "" && key.Token == "" || key.Policy.Allows(action, "*") != key.may {
				t.Errorf("%s: the %s key is %+v", s.Name(), kind, key.Credential)
			}
		}
		if !s.Keys.ReadOnly.Policy.Allows(s.Permission("DescribeInstances"), "*") {
			t.Errorf("%s: the read-only key may not describe", s.Name())
		}
		configuration := s.Configuration(s.Keys.Lasting)
		for _, want := range []string{
			s.Scope(), s.Keys.Lasting.AccessKeyID, s.Keys.Lasting.Secret, s.Arguments.ID + " = ", s.Arguments.Secret + " = ",
		} {
			if !strings.Contains(configuration, want) {
				t.Errorf("%s: the configuration has no %q: %s", s.Name(), want, configuration)
			}
		}
	}
}
