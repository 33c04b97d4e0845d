package tencentcloud_test

import (
	"net/http"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

func FuzzRequests(f *testing.F) {
	head := func(action string) string {
		return "X-TC-Action: " + action + "\nX-TC-Version: 2017-03-12\nX-TC-Region: ap-guangzhou\n" +
			"Content-Type: application/json\n"
	}
	var seeds []wiretest.Request
	for _, s := range []struct{ action, body string }{
		{"StopInstances", `{"InstanceIds":["ins-demoweb1","ins-demoweb2"],"StopType":"SOFT","StoppedMode":"STOP_CHARGING"}`},
		{"StopInstances", `{"InstanceIds":["ins-demoweb1"],"ForceStop":true,"StopType":"HARD"}`},
		{"StartInstances", `{"InstanceIds":["ins-demobatch","ins-demobatch","ins-absent01"]}`},
		{"RebootInstances", `{"InstanceIds":[null],"ForceReboot":"true"}`},
		{"DescribeInstances", `{"Filters":[{"Name":"tag:role","Values":["web"]},{"Name":"zone","Values":[]}],"Offset":-1}`},
		{"DescribeInstances", `{"InstanceIds":["ins-demoweb1"],"InstanceIds":[],"Limit":1e400}`},
		{"DescribeInstancesStatus", `{"Offset":9223372036854775807,"Limit":100}`},
		{"DescribeInstances", `[[[[[[[[{}]]]]]]]]`},
		{"DescribeInstances", "{\"InstanceIds\":[\"\xff\xfe\"]}"},
		{"NoSuchAction", ``},
	} {
		seeds = append(seeds, wiretest.Request{Method: http.MethodPost, Target: "/", Header: head(s.action), Body: s.body})
	}
	seeds = append(seeds, wiretest.Request{
		Method: http.MethodGet,
		Target: "/?Action=DescribeInstances&Version=2017-03-12&Region=ap-guangzhou&InstanceIds.0=ins-demoweb1" +
			"&Filters.0.Name=zone&Filters.0.Values.0=x",
		Header: "Content-Type: application/x-www-form-urlencoded",
	})
	const role = `"RoleArn":"qcs::cam::uin/100000000001:roleName/operator","RoleSessionName":"fuzz"`
	for _, s := range []struct{ action, body string }{
		{"AssumeRole", `{` + role + `,"DurationSeconds":-1,"Policy":"%7B%22statement%22%3A%5B%5D%7D"}`},
		{"AssumeRole", `{` + role + `,"ExternalId":"","Tags":[{"Key":null}]}`},
		{"AssumeRoleWithWebIdentity", `{` + role + `,"ProviderId":"app.terraform.io","WebIdentityToken":"eyJ9.e30."}`},
		{"GetCallerIdentity", `{}`},
	} {
		seeds = append(seeds, wiretest.Request{
			Method: http.MethodPost, Target: "/", Body: s.body,
			Header: "X-TC-Action: " + s.action + "\nX-TC-Version: 2018-08-13\nX-TC-Timestamp: 1\n" +
				"Content-Type: application/json\nAuthorization: SKIP",
		})
	}
	seeds = append(seeds, wiretest.Request{
		Method: http.MethodGet, Target: "/latest/meta-data/cam/security-credentials/terraform-plan",
	})
	sign := func(r *http.Request, body string) { tencentcloud.SignAs(r, body) }
	wiretest.Fuzz(f, func() simulator.Wire { return tencentcloud.New() }, sign, seeds...)
}
