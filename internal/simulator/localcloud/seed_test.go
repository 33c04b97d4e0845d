package localcloud_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

func TestSeedFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, data, says string
	}{
		{"a good one", `{"tencentcloud":[{"id":"ins-00000001","status":"STOPPED"}],"alicloud":[]}`, ""},
		{"a cloud that does not exist", "{\n\"moon\":[]}", `line 2: there is no cloud "moon"`},
		{"a cloud that is there twice", "{\"alicloud\":[],\n\"alicloud\":[]}", "line 2: alicloud is there twice"},
		{
			"an unknown field", "{\"tencentcloud\":[\n\n{\"id\":\"ins-00000001\",\"shade\":\"red\"}]}",
			`line 3: an instance of tencentcloud: json: unknown field "shade"`,
		},
		{
			"an unknown region", "{\"tencentcloud\":[{\"id\":\"ins-00000001\",\n\"region\":\"mars\"}]}",
			`line 1: field region: tencentcloud has no region "mars"`,
		},
		{
			"an id that every call calls malformed",
			"{\"alicloud\":[{\"id\":\"i-1\"},\n  {\"id\":\"ins-00000001\"}]}",
			`line 2: field id: alicloud calls "ins-00000001" malformed`,
		},
		{"no id", `{"volcengine":[{"name":"web"}]}`, "line 1: field id: an instance needs an id"},
		{
			"a status of another cloud", "{\"alicloud\":[\n{\"id\":\"i-1\",\"status\":\"STOPPED\"}]}",
			`line 2: field status: alicloud has no status "STOPPED", but Pending, Starting, Running, Stopping, Stopped`,
		},
		{
			"an id that is there twice", "{\"zenlayercloud\":[{\"id\":\"1\"},\n{\"id\":\"2\"},\n{\"id\":\"1\"}]}",
			`line 3: field id: "1" is on line 1 too`,
		},
		{
			"a field that is there twice", "{\"alicloud\":[\n{\"id\":\"i-1\",\"id\":\"i-2\"}]}",
			"line 2: an instance of alicloud: field id is there twice",
		},
		{
			"a field in two spellings", "{\"alicloud\":[\n{\"id\":\"i-1\",\"ID\":\"i-2\"}]}",
			"line 2: an instance of alicloud: field id is there twice",
		},
		{
			"a field of durations in two spellings",
			`{"alicloud":[{"id":"i-1","durations":{"stop":"1s","Stop":"2s"}}]}`,
			"line 1: an instance of alicloud: field stop is there twice",
		},
		{
			"tags that differ in case alone",
			`{"tencentcloud":[{"id":"ins-00000001","status":"STOPPED","tags":{"env":"a","Env":"b"}}]}`, "",
		},
		{
			"an id with half a character", `{"volcengine":[{"id":"i-\ud800"}]}`,
			`line 1: field id: "i-\ufffd" is not valid Unicode text`,
		},
		{
			"an id that is no text", "{\"zenlayercloud\":[\n{\"id\":\"vm-\xff\"}]}",
			"line 2: an instance of zenlayercloud: the text is not UTF-8",
		},
		{
			"a charge type of another cloud", "{\"tencentcloud\":[\n{\"id\":\"ins-00000001\",\"charge_type\":\"PostPaid\"}]}",
			`line 2: field charge_type: tencentcloud has no charge_type "PostPaid", but PREPAID, POSTPAID_BY_HOUR`,
		},
		{
			"a mode of another cloud",
			`{"alicloud":[{"id":"i-1","status":"Stopped","stopped_mode":"STOP_CHARGING"}]}`,
			`line 1: field stopped_mode: alicloud has no stopped_mode "STOP_CHARGING", but KeepCharging, StopCharging`,
		},
		{
			"a mode on a cloud that has none", `{"zenlayercloud":[{"id":"1","status":"STOPPED","stopped_mode":"StopCharging"}]}`,
			"line 1: field stopped_mode: zenlayercloud has no stopped modes",
		},
		{
			"a mode of what runs", `{"volcengine":[{"id":"1","stopped_mode":"StopCharging"}]}`,
			`line 1: field stopped_mode: the instance is not stopped; a status of "STOPPED" makes it so`,
		},
		{
			"a lock of no cloud", `{"alicloud":[{"id":"i-1","locks":["padlock"]}]}`,
			`line 1: field locks: alicloud has no locks "padlock", but financial, security`,
		},
		{
			"a field of another cloud", `{"volcengine":[{"id":"1","extra":{"service":"zec"}}]}`,
			`line 1: field extra: volcengine has no "service" there`,
		},
		{
			"a service that does not exist", `{"zenlayercloud":[{"id":"1","extra":{"service":"bmc"}}]}`,
			`line 1: field service: zenlayercloud has no service "bmc", but vm, zec`,
		},
		{
			"an address that is none", `{"volcengine":[{"id":"1","elastic_ip":"203.0.113.256"}]}`,
			`line 1: field elastic_ip: "203.0.113.256" is no IP address`,
		},
		{"an id with a space", `{"volcengine":[{"id":"i 1"}]}`, `line 1: field id: "i 1" has a space`},
		{"a list of nothing", "{\"alicloud\":[\nnull]}", "line 2: field id: an instance needs an id"},
		{
			"a number for a name", `{"alicloud":[{"id":"i-1","name":1}]}`,
			"line 1: an instance of alicloud: json: cannot unmarshal number",
		},
		{
			"a negative duration", `{"alicloud":[{"id":"i-1","durations":{"stop":"-1s"}}]}`,
			"line 1: an instance of alicloud: duration",
		},
		{"an empty file", "\n", "line 2: the file ends too early"},
		{"half a file", "{\"alicloud\":[\n{\"id\":\n", "line 3: the file ends too early"},
		{"half a list", "{\"alicloud\":[\n{\"id\":\"i-1\"}\n", "line 3: the file ends too early"},
		{"no JSON", "{\"alicloud\":[\n{\"id\":\"i-1\"},\n{'id'}]}", "line 3: invalid character '\\''"},
		{"a brace too many", "{\"alicloud\":[]}\n}", "line 2: there is more than one JSON value"},
		{"no object", `[]`, "line 1: want an object from the names of clouds to lists of instances, got ["},
		{"no list", "{\"alicloud\":\n{}}", "line 2: want a list of instances of alicloud, got {"},
		{"more than a value", "{}\n{}", "line 2: there is more than one JSON value"},
		{"one of another editor", "\ufeff{\r\n\"tencentcloud\":[{\"id\":\"ins-00000001\",\"status\":\"STOPPED\"}]}\r\n", ""},
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
			if err == nil || !strings.HasPrefix(err.Error(), test.says) {
				t.Errorf("error is %v, want %q at its beginning", err, test.says)
			}
			for _, wire := range server.Wires() {
				if n := len(wire.Cloud().Instances()); n > 0 {
					t.Errorf("%d instances of a file that is refused are there", n)
				}
			}
		})
	}
}

// What each service makes by itself must pass its own check.
func TestEachServiceTakesItsOwnInstances(t *testing.T) {
	t.Parallel()
	for _, s := range localcloud.Services() {
		wire := s.New()
		if err := wire.Cloud().Check(append(wire.DemoFleet(), s.Instance(s.ID(1)), s.Instance(s.ID(2)))...); err != nil {
			t.Errorf("%s: %v", s.Name(), err)
		}
		w := wire.Cloud().Words()
		for _, word := range []string{w.Running, w.Stopped, w.Starting, w.Stopping} {
			i := s.Instance(s.ID(1))
			i.Status = word
			if err := wire.Cloud().Check(i); err != nil {
				t.Errorf("%s: %v", s.Name(), err)
			}
		}
		i := s.Instance(s.ID(1))
		i.Status = "MOONWALK"
		if err := wire.Cloud().Check(i); err == nil {
			t.Errorf("%s has the status %q", s.Name(), i.Status)
		}
		if err := wire.Cloud().Check(s.Instance(s.ID(1)), s.Instance(s.ID(1))); err == nil ||
			!strings.Contains(err.Error(), "instance 2") {
			t.Errorf("%s: two instances have one id: error %v", s.Name(), err)
		}
	}
}

func TestTroublesThatCanNeverMatch(t *testing.T) {
	t.Parallel()
	for _, s := range localcloud.Services() {
		cloud := s.New().Cloud()
		of := func(kind simulator.Kind, action string) simulator.Trouble {
			return simulator.Trouble{Kind: kind, Action: action}
		}
		for name, test := range map[string]struct {
			trouble simulator.Trouble
			says    string
		}{
			"an action of no cloud":       {of(simulator.Throttle, "StopInstanzes"), "field action: "},
			"no stock for a stop":         {of(simulator.NoStock, "StopInstances"), "field action: "},
			"no stock for a read":         {of(simulator.NoStock, "describe"), "field action: "},
			"a busy read":                 {of(simulator.Busy, "DescribeInstances"), "field action: "},
			"an empty list after a write": {of(simulator.EmptyList, "write"), "field action: "},
			"a start that is ignored":     {of(simulator.SoftStopIgnored, "start"), "field action: "},
			"a region of no cloud":        {simulator.Trouble{Kind: simulator.Throttle, Region: "mars"}, "field region: "},
			"an empty id": {
				simulator.Trouble{Kind: simulator.Throttle, InstanceIDs: []string{""}}, "field instance_ids: ",
			},
			"no stock for a write":      {simulator.Trouble{Kind: simulator.NoStock, Action: "write"}, ""},
			"no stock for a start":      {simulator.Trouble{Kind: simulator.NoStock, Action: "StartInstances"}, ""},
			"an instance that may come": {simulator.Trouble{Kind: simulator.Busy, InstanceIDs: []string{s.ID(99)}}, ""},
			"any call": {
				simulator.Trouble{Kind: simulator.Throttle, Region: s.Region}, "",
			},
			"a metadata service with instances": {
				simulator.Trouble{Kind: simulator.Error, Action: simulator.MetadataService, InstanceIDs: []string{s.ID(1)}},
				"field ",
			},
			"a metadata service with a region": {
				simulator.Trouble{Kind: simulator.Error, Action: simulator.MetadataKeys, Region: s.Region}, "field ",
			},
			"a token service with instances": {
				simulator.Trouble{Kind: simulator.Error, Action: "AssumeRole", InstanceIDs: []string{s.ID(1)}}, "field ",
			},
			"a lock of a token service": {
				simulator.Trouble{Kind: simulator.Lock, Word: "security", Action: simulator.TokenService}, "field action: ",
			},
		} {
			_, err := cloud.AddTrouble(test.trouble)
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.HasPrefix(err.Error(), test.says)) {
				t.Errorf("%s, %s: got error %v, want %q", s.Name(), name, err, test.says)
			}
		}
		_, err := cloud.AddTrouble(simulator.Trouble{Kind: simulator.IgnoreMode})
		if without := cloud.Words().StopCharging == ""; without != (err != nil) {
			t.Errorf("%s: a stopped mode that is ignored: got error %v", s.Name(), err)
		}
	}
}

// A cloud's own troubles meet calls of the service that they are about, some of them
// only writes, and read only some parameters.
func TestTheOwnTroublesOfACloudAreChecked(t *testing.T) {
	t.Parallel()
	server := start(t)
	for _, test := range []struct {
		cloud, body, says string
	}{
		{"volcengine", `{"kind":"idempotent_processing","action":"describe"}`, "field action"},
		{"volcengine", `{"kind":"idempotent_processing","action":"StopInstances","effect":true}`, ""},
		{"volcengine", `{"kind":"missing_detail","action":"DescribeInstances"}`, "field action"},
		{"volcengine", `{"kind":"missing_detail","action":"write"}`, ""},
		{"volcengine", `{"kind":"missing_detail","word":"x"}`, "field word"},
		{"volcengine", `{"kind":"simple_error","action":"sts"}`, "field action"},
		{"volcengine", `{"kind":"simple_error","status":429,"code":"FlowLimitExceeded","message":"slow down"}`, ""},
		{"volcengine", `{"kind":"no_error_object","action":"metadata"}`, "field action"},
		{"volcengine", `{"kind":"no_error_object","code":"x"}`, "field code"},
		{"volcengine", `{"kind":"no_error_object","action":"ecs","status":502}`, ""},
		{"tencentcloud", `{"kind":"legacy_error","action":"AssumeRole"}`, "field action"},
		{"tencentcloud", `{"kind":"legacy_error","status":500}`, "field status"},
		{"tencentcloud", `{"kind":"legacy_error","action":"describe","code":"InternalError","message":"m"}`, ""},
		{"zenlayercloud", `{"kind":"unwrapped","after":2}`, "field after"},
		{"zenlayercloud", `{"kind":"error_under_200","status":500}`, "field status"},
		{"zenlayercloud", `{"kind":"error_under_200","action":"vm","code":"OPERATION_FAILED","message":"m"}`, ""},
		{"zenlayercloud", `{"kind":"waf_page","code":"x"}`, "field code"},
		{"zenlayercloud", `{"kind":"waf_page","status":451,"message":"m"}`, ""},
		{"alicloud", `{"kind":"unwrapped"}`, "has no trouble of kind"},
		{"alicloud", `{"kind":"vanish","action":"describe"}`, ""},
		{"alicloud", `{"kind":"vanish","after":2}`, ""},
		{"alicloud", `{"kind":"vanish","action":"describe","after":2}`, "field after"},
		{"alicloud", `{"kind":"vanish","action":"stop","delay":"2s"}`, "field delay"},
	} {
		path := server.URL() + simulator.ControlPrefix + test.cloud + "/troubles"
		status, body := request(t, http.MethodPost, path, test.body, nil)
		taken := status == http.StatusOK
		if taken != (test.says == "") || !strings.Contains(body, test.says) {
			t.Errorf("%s: %s is answered with %d %s, want %q", test.cloud, test.body, status, body, test.says)
		}
	}
}

// The control interface refuses what a seed file may not have.
func TestTheControlInterfaceIsStrict(t *testing.T) {
	t.Parallel()
	server := start(t)
	base := server.URL() + simulator.ControlPrefix + "alicloud/"
	for name, test := range map[string]struct {
		method, path, body, says string
	}{
		"a malformed id":           {http.MethodPost, "instances", `[{"id":"ins-00000001"}]`, "field id"},
		"one id for two":           {http.MethodPost, "instances", `[{"id":"i-1"},{"id":"i-1"}]`, "field id"},
		"a status of another":      {http.MethodPut, "instances/i-1", `{"status":"STOPPED"}`, "field status"},
		"many malformed ids":       {http.MethodPost, "bulk", `{"count":2,"id_pattern":"ins-####"}`, "field id"},
		"a change of the status":   {http.MethodPatch, "instances/i-bp1demoweb1", `{"status":"MOONWALK"}`, "field status"},
		"an action that is no one": {http.MethodPost, "troubles", `{"kind":"throttle","action":"Stop"}`, "field action"},
	} {
		if err := localcloud.Demo(server); err != nil {
			t.Fatal(err)
		}
		status, body := request(t, test.method, base+test.path, test.body, nil)
		if status != http.StatusBadRequest || !strings.Contains(body, test.says) {
			t.Errorf("%s is answered with %d %s, want 400 and %q", name, status, body, test.says)
		}
	}
}
