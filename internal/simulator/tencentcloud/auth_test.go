package tencentcloud_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "ins-00000001"})
	for _, test := range []struct {
		name       string
		credential common.CredentialIface
		region     string
		code       string
	}{
		{"a key that lasts", common.NewCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret), region, ""},
		{
			"a key with its token",
			common.NewTokenCredential(demo.Temporary.AccessKeyID, demo.Temporary.Secret, demo.Temporary.Token),
			region, "",
		},
		{
			"a key without its token", common.NewCredential(demo.Temporary.AccessKeyID, demo.Temporary.Secret), region,
			"AuthFailure.TokenFailure",
		},
		{
			"a token that the key has not",
			common.NewTokenCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret, "x"), region,
			"AuthFailure.TokenFailure",
		},
		{
			"an expired token",
			common.NewTokenCredential(demo.Expired.AccessKeyID, demo.Expired.Secret, demo.Expired.Token), region,
			"AuthFailure.TokenFailure",
		},
		{"a wrong secret", common.NewCredential(demo.Lasting.AccessKeyID, "wrong"), region, "AuthFailure.SignatureFailure"},
		{"an unknown key", common.NewCredential("AKIDnobody", "x"), region, "AuthFailure.SecretIdNotFound"},
		{
			"a key without permission", common.NewCredential(demo.Denied.AccessKeyID, demo.Denied.Secret), region,
			"UnauthorizedOperation",
		},
		{"no key", common.NewCredential("", ""), region, "AuthFailure.InvalidAuthorization"},
		{"no region", common.NewCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret), "", "MissingParameter"},
		{
			"a region that does not exist", common.NewCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret), "ap-mars",
			"UnsupportedRegion",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := f.client(t, test.credential, test.region, nil)
			req := cvm.NewDescribeInstancesRequest()
			req.InstanceIds = common.StringPtrs([]string{"ins-00000001"})
			_, err := client.DescribeInstancesWithContext(t.Context(), req)
			wantCode(t, err, test.code)
		})
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	const one, two = "ins-00000001", "ins-00000002"
	f := setUp(t, simulator.Instance{ID: one}, simulator.Instance{ID: two})
	f.cloud.Accept(simulator.Credential{
		AccessKeyID: "AKIDone", Secret: "s", Policy: &simulator.Policy{Statement: []simulator.Statement{
			{Effect: "allow", Action: []string{"cvm:DescribeInstances"}},
			{
				Effect: "allow", Action: []string{"cvm:StopInstances"},
				Resource: []string{"qcs::cvm:ap-guangzhou:uin/100000000001:instance/" + one},
			},
		}},
	})
	for _, test := range []struct {
		name, id, secret string
		ids              []string
		code, says       string
	}{
		{
			"a key that may only describe", demo.ReadOnly.AccessKeyID, demo.ReadOnly.Secret,
			[]string{one},
			"UnauthorizedOperation", "(cvm:StopInstances)",
		},
		{"a key for one of two", "AKIDone", "s", []string{one, two}, "UnauthorizedOperation", "instance/" + two},
		{"a key for the one", "AKIDone", "s", []string{one}, "", ""},
	} {
		client := f.client(t, common.NewCredential(test.id, test.secret), region, nil)
		describe := cvm.NewDescribeInstancesRequest()
		describe.InstanceIds = common.StringPtrs([]string{one, "ins-absent01"})
		seen, err := client.DescribeInstancesWithContext(t.Context(), describe)
		if err != nil || len(seen.Response.InstanceSet) != 1 {
			t.Errorf("%s: a describe shows %+v (%v), want one instance", test.name, seen, err)
		}
		req := cvm.NewStopInstancesRequest()
		req.InstanceIds = common.StringPtrs(test.ids)
		_, err = client.StopInstancesWithContext(t.Context(), req)
		wantCode(t, err, test.code)
		if test.says != "" && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q in it", test.name, err, test.says)
		}
		if stopped := f.status(t, one) == "STOPPED"; stopped != (test.code == "") {
			t.Errorf("%s: stopped is %v", test.name, stopped)
		}
	}
	if got := f.status(t, two); got != "RUNNING" {
		t.Errorf("the other instance is %s", got)
	}
}

func TestFormsOfARequest(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "ins-00000001"}, simulator.Instance{ID: "ins-00000002"})
	credential := common.NewCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret)
	for name, change := range map[string]func(*profile.ClientProfile){
		"POST":             func(p *profile.ClientProfile) { p.HttpProfile.ReqMethod = http.MethodPost },
		"GET":              func(p *profile.ClientProfile) { p.HttpProfile.ReqMethod = http.MethodGet },
		"an unsigned body": func(p *profile.ClientProfile) { p.UnsignedPayload = true },
		"a path before it": func(p *profile.ClientProfile) { p.HttpProfile.Endpoint += "/prefix" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := cvm.NewDescribeInstancesRequest()
			req.Filters = []*cvm.Filter{{
				Name: common.StringPtr("instance-id"), Values: common.StringPtrs([]string{"ins-00000001", "ins-00000003"}),
			}}
			req.Limit, req.Offset = common.Int64Ptr(1), common.Int64Ptr(0)
			resp, err := f.client(t, credential, region, change).DescribeInstancesWithContext(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if n := *resp.Response.TotalCount; n != 1 {
				t.Errorf("it finds %d instances, want 1", n)
			}
		})
	}
	t.Run("a stop by GET", func(t *testing.T) {
		t.Parallel()
		req := cvm.NewStopInstancesRequest()
		req.InstanceIds = common.StringPtrs([]string{"ins-00000002"})
		req.ForceStop = common.BoolPtr(true)
		client := f.client(t, credential, region, func(p *profile.ClientProfile) { p.HttpProfile.ReqMethod = http.MethodGet })
		if _, err := client.StopInstancesWithContext(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		if got := f.status(t, "ins-00000002"); got != "STOPPED" {
			t.Errorf("it is %s, want STOPPED", got)
		}
	})
}

// TestRequestsThatAreWrong sends what the typed client cannot.
func TestRequestsThatAreWrong(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "ins-00000001"})
	for _, test := range []struct {
		name, action, version, body, code, says string
	}{
		{
			"an action that does not exist", "ExplodeInstances", tencentcloud.Version, `{}`, "InvalidAction", "ExplodeInstances",
		},
		{"a version that does not exist", "StartInstances", "2016-01-01", `{}`, "NoSuchVersion", "2016-01-01"},
		{
			"an unknown parameter", "StartInstances", tencentcloud.Version, `{"InstanceIds":["ins-00000001"],"DryRun":true}`,
			"UnknownParameter", "DryRun",
		},
		{
			"a parameter of another action", "StartInstances", tencentcloud.Version,
			`{"InstanceIds":["ins-00000001"],"StopType":"SOFT"}`, "UnknownParameter", "StopType",
		},
		{
			"a parameter in another case", "StartInstances", tencentcloud.Version, `{"instanceIds":["ins-00000001"]}`,
			"UnknownParameter", "instanceIds",
		},
		{
			"a parameter of the wrong type", "StopInstances", tencentcloud.Version, `{"InstanceIds":"ins-00000001"}`,
			"InvalidParameter", "InstanceIds",
		},
		{
			"a body of no form that is known", "StopInstances", tencentcloud.Version, `[`, "UnsupportedProtocol", "octet-stream",
		},
		{"no ids", "StartInstances", tencentcloud.Version, `{}`, "MissingParameter", "InstanceIds"},
		{
			"ids and filters", "DescribeInstances", tencentcloud.Version,
			`{"InstanceIds":["ins-00000001"],"Filters":[{"Name":"zone","Values":["z"]}]}`, "InvalidParameterCombination",
			"Filters",
		},
		{
			"an unknown filter", "DescribeInstances", tencentcloud.Version, `{"Filters":[{"Name":"color","Values":["red"]}]}`,
			"InvalidFilter", "color",
		},
		{
			"too many values", "DescribeInstances", tencentcloud.Version,
			`{"Filters":[{"Name":"zone","Values":["1","2","3","4","5","6"]}]}`, "InvalidFilterValue.LimitExceeded", "zone",
		},
		{
			"too long a page", "DescribeInstances", tencentcloud.Version, `{"Limit":101}`, "InvalidParameterValue.LimitExceeded",
			"Limit",
		},
		{"no page at all", "DescribeInstancesStatus", tencentcloud.Version, `{"Limit":0}`, "InvalidParameterValue", "Limit"},
		{
			"filters where there are none", "DescribeInstancesStatus", tencentcloud.Version, `{"Filters":[]}`,
			"UnknownParameter", "Filters",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := f.client(t, common.NewCredential(demo.Lasting.AccessKeyID, demo.Lasting.Secret), region, nil)
			req := tchttp.NewCommonRequest("cvm", test.version, test.action)
			if err := req.SetActionParameters(test.body); err != nil {
				// The generic request wants an object; this sends any text.
				req.SetOctetStreamParameters(map[string]string{"Content-Type": "application/json"}, []byte(test.body))
			}
			resp := tchttp.NewCommonResponse()
			err := client.Send(req, resp)
			if err == nil {
				err = resp.ParseErrorFromHTTPResponse(resp.GetBody())
			}
			wantCode(t, err, test.code)
			if err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("message is %v, want %q in it", err, test.says)
			}
		})
	}
}

// TestRawRequests signs by hand what no SDK would send.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	send := func(at time.Time, body string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.server.URL(), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		tencentcloud.Sign(req, body, at)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			t.Errorf("status is %d, want 200: errors are in the body", resp.StatusCode)
		}
		return string(data)
	}
	if got := send(time.Now(), "{}"); !strings.Contains(got, "TotalCount") {
		t.Errorf("in time it answers %s", got)
	}
	if got := send(time.Now(), "{"); !strings.Contains(got, "InvalidRequest") {
		t.Errorf("to a broken body it answers %s, want InvalidRequest", got)
	}
	for _, off := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
		if got := send(time.Now().Add(off), "{}"); !strings.Contains(got, "AuthFailure.SignatureExpire") {
			t.Errorf("%s off it answers %s, want AuthFailure.SignatureExpire", off, got)
		}
	}
	f.cloud.SetMaxSkew(0)
	if got := send(time.Now().Add(-time.Hour), "{}"); !strings.Contains(got, "TotalCount") {
		t.Errorf("with any skew allowed it answers %s", got)
	}
}
