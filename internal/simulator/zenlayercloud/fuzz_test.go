package zenlayercloud_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

func FuzzRequests(f *testing.F) {
	var seeds []wiretest.Request
	for _, s := range []struct{ service, version, action, body string }{
		{"vm", "2026-04-01", "StopInstances", `{"instanceIds":["vm-demo-web-1","vm-demo-web-2"],"forceShutdown":false}`},
		{"vm", "2023-03-13", "StartInstances", `{"instanceIds":["vm-demo-batch","zec-demo-batch"]}`},
		{"zec", "2025-09-01", "RebootInstances", `{"instanceIds":["zec-demo-web-1"],"forceReboot":true}`},
		{"zec", "2024-04-01", "StopInstances", `{"instanceIds":["zec-demo-imaging","absent"]}`},
		{"vm", "2026-04-01", "DescribeInstances", `{"instanceName":"web*","tags":[{"key":"role","value":"web"}]}`},
		{"vm", "2026-04-01", "DescribeInstances", `{"pageSize":1000,"pageNum":9223372036854775807}`},
		{"zec", "2025-09-01", "DescribeInstances", `{"name":"web","tagKeys":["role"],"pageSize":-1}`},
		{"zec", "2025-09-01", "DescribeInstancesStatus", `{"instanceIds":null,"pageSize":"20"}`},
		{"vm", "2026-04-01", "DescribeInstances", `[[[[[[{}]]]]]]`},
		{"bmc", "2026-02-01", "DescribeInstances", "{\"instanceIds\":[\"\xff\"]}"},
		{"vm", "", "NoSuchAction", ``},
	} {
		header := "X-ZC-Action: " + s.action + "\nX-ZC-Version: " + s.version + "\nX-ZC-Service: " + s.service +
			"\nContent-Type: application/json\n"
		seeds = append(seeds, wiretest.Request{
			Method: http.MethodPost, Target: "/api/v2/" + s.service, Header: header, Body: s.body,
		})
	}
	sign := func(r *http.Request, body string) {
		r.URL.Host = r.Host // A client has it there.
		zenlayercloud.Sign(r, body, demo.Lasting.AccessKeyID, demo.Lasting.Secret, time.Now())
	}
	wiretest.Fuzz(f, func() simulator.Wire { return zenlayercloud.New() }, sign, seeds...)
}
