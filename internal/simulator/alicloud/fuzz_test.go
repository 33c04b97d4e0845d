package alicloud_test

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/wiretest"
)

func FuzzRequests(f *testing.F) {
	const web, local = "i-bp1demoweb1", "i-bp1demolocal"
	var nonce atomic.Int64
	acs := func(action string) string { return "X-Acs-Action: " + action + "\nX-Acs-Version: 2014-05-26\n" }
	var seeds []wiretest.Request
	for _, s := range []struct{ action, query string }{
		{"StopInstances", "RegionId=cn-hangzhou&InstanceId.1=" + web + "&InstanceId.2=" + local + "&ForceStop=false" +
			"&StoppedMode=StopCharging&BatchOptimization=SuccessFirst"},
		{"StopInstances", "RegionId=cn-hangzhou&InstanceId.1=" + web + "&DryRun=true"},
		{"StartInstances", "RegionId=cn-hangzhou&InstanceId.1=i-bp1demobatch&InstanceId.1=" + web},
		{"RebootInstances", "RegionId=cn-hangzhou&InstanceId.1=" + web + "&ForceReboot=true"},
		{"StopInstance", "InstanceId=" + web + "&ForceStop=maybe"},
		{"DescribeInstances", "RegionId=cn-hangzhou&InstanceIds=%5B%22" + web + "%22%5D&MaxResults=100"},
		{"DescribeInstances", "RegionId=cn-hangzhou&Tag.1.Key=role&Tag.1.Value=web&InstanceName=web*&NextToken=AAAA" +
			"&PrivateIpAddresses=%5B%5D"},
		{"DescribeInstances", "RegionId=cn-hangzhou&PageNumber=9223372036854775807&PageSize=100&InstanceIds=[[[["},
		{"DescribeInstanceStatus", "RegionId=cn-hangzhou&InstanceId.1=" + web + "&PageSize=-1&ZoneId=cn-hangzhou-i"},
		{"DescribeInstanceAttribute", "InstanceId=i-bp1absent"},
		{"NoSuchAction", "RegionId=moon"},
	} {
		seeds = append(seeds, wiretest.Request{Method: http.MethodPost, Target: "/?" + s.query, Header: acs(s.action)})
	}
	seeds = append(seeds,
		wiretest.Request{
			Method: http.MethodGet,
			Target: "/?Action=StopInstances&Version=2014-05-26&AccessKeyId=x&SignatureMethod=HMAC-SHA1&Format=XML",
		},
		wiretest.Request{
			Method: http.MethodPost, Target: "/",
			Header: acs("StartInstances") + "Content-Type: application/x-www-form-urlencoded\nAccept: text/xml",
			Body:   "RegionId=cn-hangzhou&InstanceId.1=" + web,
		},
	)
	const role = "RoleArn=acs:ram::1234567890123456:role/operator&RoleSessionName=fuzz"
	for _, s := range []struct{ action, form string }{
		{"AssumeRole", role + "&DurationSeconds=99999999999999999999&ExternalId=%00"},
		{
			"AssumeRoleWithOIDC",
			role + "&OIDCToken=eyJ9.e30.&OIDCProviderArn=acs:ram::1234567890123456:oidc-provider/app.terraform.io",
		},
		{"GetCallerIdentity", "Policy=%7B%22Statement%22%3A%5B%5D%7D"},
	} {
		seeds = append(seeds, wiretest.Request{
			Method: http.MethodPost, Target: "/", Body: s.form,
			Header: "X-Acs-Action: " + s.action + "\nX-Acs-Version: 2015-04-01\n" +
				"Content-Type: application/x-www-form-urlencoded",
		})
	}
	seeds = append(seeds,
		wiretest.Request{
			Method: http.MethodPut, Target: "/latest/api/token", Header: "X-aliyun-ecs-metadata-token-ttl-seconds: 60",
		},
		wiretest.Request{Method: http.MethodGet, Target: "/latest/meta-data/ram/security-credentials/terraform-plan"},
	)
	sign := func(r *http.Request, body string) {
		r.Header.Set("X-Acs-Date", time.Now().UTC().Format("2006-01-02T15:04:05Z"))
		r.Header.Set("X-Acs-Signature-Nonce", strconv.FormatInt(nonce.Add(1), 10))
		alicloud.SignHeaders(r, demo.Lasting.AccessKeyID, demo.Lasting.Secret, body)
	}
	wiretest.Fuzz(f, func() simulator.Wire { return alicloud.New() }, sign, seeds...)
}
