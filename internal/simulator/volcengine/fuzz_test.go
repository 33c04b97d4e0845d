package volcengine_test

import (
	"net/http"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

func FuzzRequests(f *testing.F) {
	var seeds []wiretest.Request
	for _, query := range []string{
		"Action=StopInstances&InstanceIds.1=i-demoweb1&InstanceIds.2=i-demoprepaid&ForceStop=false" +
			"&StoppedMode=StopCharging&ClientToken=t",
		"Action=StopInstance&InstanceId=i-demoweb1&DryRun=true&ForceStop=1",
		"Action=StartInstances&InstanceIds.1=i-demobatch&InstanceIds.3=i-absent&InstanceIds.x=y",
		"Action=RebootInstances&InstanceIds.1=i-demometal&ForceStop=true",
		"Action=DescribeInstances&InstanceIds.1=i-demoweb1&MaxResults=100&NextToken=AAAA",
		"Action=DescribeInstances&TagFilters.1.Key=role&TagFilters.1.Values.1=web&InstanceName=web" +
			"&MaxResults=9223372036854775807",
		"Action=DescribeInstances&MaxResults=-1&Status=RUNNING",
		"Action=NoSuchAction",
	} {
		seeds = append(seeds, wiretest.Request{Method: http.MethodGet, Target: "/?Version=2020-04-01&" + query})
	}
	const start = "/?Version=2020-04-01&Action=StartInstances"
	seeds = append(seeds,
		wiretest.Request{
			Method: http.MethodPost, Target: start, Header: "Content-Type: application/x-www-form-urlencoded",
			Body: "InstanceIds.1=i-demobatch",
		},
		wiretest.Request{
			Method: http.MethodPost, Target: start, Header: "Content-Type: application/json",
			Body: `{"InstanceIds":["i-demobatch"]}`,
		},
		wiretest.Request{Method: http.MethodGet, Target: start + "&ClientToken=%ff%00;&InstanceIds.1=%zz"},
	)
	const role = "&RoleTrn=trn:iam::2100000001:role/operator&RoleSessionName=fuzz"
	for _, query := range []string{
		"Action=AssumeRole&DurationSeconds=x&Policy=%7B%7D" + role,
		"Action=AssumeRoleWithOIDC&OIDCToken=eyJ9.e30.&DurationSeconds=9223372036854775807" + role,
		"Action=GetCallerIdentity&Color=red",
	} {
		seeds = append(seeds, wiretest.Request{Method: http.MethodPost, Target: "/?Version=2018-01-01&" + query})
	}
	seeds = append(seeds,
		wiretest.Request{
			Method: http.MethodPut, Target: "/latest/api/token", Header: "X-volc-ecs-metadata-token-ttl-seconds: 60",
		},
		wiretest.Request{
			Method: http.MethodGet, Target: "/volcstack/latest/iam/security_credentials/terraform-plan",
			Header: "X-volc-ecs-metadata-token: x",
		},
	)
	sign := func(r *http.Request, body string) { volcengine.Sign(r, body, volcengine.GoSDK()) }
	wiretest.Fuzz(f, func() simulator.Wire { return volcengine.New() }, sign, seeds...)
}
