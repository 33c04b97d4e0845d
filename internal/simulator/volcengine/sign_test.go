package volcengine_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
)

// The vendor publishes worked examples, which are of other services: a right
// signature gets as far as the service's name.
func TestPublishedSignatures(t *testing.T) {
	t.Parallel()
	const (
		id     = "the-key-of-the-examples"
		secret = "WkRZeE1EQmxPVGhsWWpWak5HVmtNbUUxTXpZeU9UVXlOMlE1TmpZeVlqTQ=="
	)
	for _, test := range []struct {
		name, method, host, query, body, date, service, signature string
	}{
		{
			"https://www.volcengine.com/docs/6369/67270", http.MethodGet, "iam.volcengineapi.com",
			"Action=ListUsers&Version=2018-01-01&Limit=10&Offset=0", "", "20240619T071306Z", "iam",
			"e31c4558bcfe08a286001f59cedbf0791ffd0b2362f10e55ee2627467bcdde93",
		},
		{
			"https://www.volcengine.com/docs/6369/67269 with GET", http.MethodGet, "billing.volcengineapi.com",
			"Action=QueryBalanceAcct&Version=2022-01-01", "", "20250329T180937Z", "billing",
			"1eda9e7e6b1728151a8e8791fdaf67cfbd28bd5c80d0fce2eb208746cf483105",
		},
		{
			"https://www.volcengine.com/docs/6369/67269 with POST", http.MethodPost, "billing.volcengineapi.com",
			"Action=ListBill&Version=2022-01-01", `{"Limit":10,"BillPeriod":"2023-08"}`, "20250329T180937Z", "billing",
			"5e8480ceea12d0000a23c054151c50dd02c1a7dec835004057d19f13d53a7658",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			f.cloud.Accept(simulator.Credential{AccessKeyID: id, Secret: secret})
			f.cloud.SetMaxSkew(0)
			send := func(signature string) answer {
				r, err := http.NewRequestWithContext(t.Context(), test.method, f.server.URL()+"/?"+test.query,
					strings.NewReader(test.body))
				if err != nil {
					t.Fatal(err)
				}
				r.Host = test.host
				r.Header.Set("X-Date", test.date)
				r.Header.Set("Authorization", "HMAC-SHA256 Credential="+id+"/"+test.date[:8]+"/cn-beijing/"+test.service+
					"/request, SignedHeaders=host;x-date, Signature="+signature)
				return f.do(t, r)
			}
			wantAnswer(t, send(test.signature), "ServiceNotFound", http.StatusNotFound)
			wantAnswer(t, send(strings.Repeat("0", 64)), "SignatureDoesNotMatch", http.StatusUnauthorized)
		})
	}
}

func TestWhatIsSignedIsForTheClientToSay(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"})
	for _, headers := range []string{
		"content-type;host;x-content-sha256;x-date", // the Go SDK
		"x-date", // the Node SDK
		"host;x-date",
	} {
		got := f.send(t, raw{
			query: "InstanceName=a b*(c)~&InstanceIds.1=i-1",
			sign:  func(s *volcengine.Signing) { s.Headers = strings.Split(headers, ";") },
		})
		wantAnswer(t, got, "", http.StatusOK)
	}
}

func TestTheHostIsSignedWithoutAnOrdinaryPort(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	for _, port := range []string{":80", ":443", ":8080"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			f.server.URL()+"/?Action=DescribeInstances&Version="+volcengine.Version, nil)
		if err != nil {
			t.Fatal(err)
		}
		signed := strings.TrimSuffix(strings.TrimSuffix("open.volcengineapi.com"+port, ":80"), ":443")
		r.Host = signed
		volcengine.Sign(r, "", volcengine.GoSDK())
		r.Host = "open.volcengineapi.com" + port
		wantAnswer(t, f.do(t, r), "", http.StatusOK)
	}
}

func TestWhoMayNotCall(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	edit := func(from, to string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), from, to, 1))
		}
	}
	temporary := func(token string) func(*volcengine.Signing) {
		return func(s *volcengine.Signing) {
			s.ID, s.Secret, s.Token = demo.Temporary.AccessKeyID, demo.Temporary.Secret, token
		}
	}
	for _, test := range []struct {
		name   string
		sign   func(*volcengine.Signing)
		spoil  func(*http.Request)
		code   string
		status int
	}{
		{"no authorization", nil, func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationToken", 401},
		{
			"no signature", nil,
			header("Authorization", "HMAC-SHA256 Credential=a/20260101/cn-beijing/ecs/request, SignedHeaders=x-date"),
			"MissingSignature", 401,
		},
		{"a signature in capitals", nil, func(r *http.Request) {
			before, after, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", before+"Signature="+strings.ToUpper(after)+"A")
		}, "InvalidAuthorization", 400},
		{"a credential with too few parts", nil, edit("/cn-beijing", ""), "InvalidCredential", 400},
		{
			"a region that there is not", func(s *volcengine.Signing) { s.Region = "cn-atlantis" }, nil, "InvalidCredential",
			400,
		},
		{"another service", func(s *volcengine.Signing) { s.Service = "vpc" }, nil, "ServiceNotFound", 404},
		{"no date", nil, func(r *http.Request) { r.Header.Del("X-Date") }, "InvalidTimestamp", 400},
		{"a date in another form", nil, header("X-Date", "2026-01-01T00:00:00Z"), "InvalidTimestamp", 400},
		{
			"a clock that is slow", func(s *volcengine.Signing) { s.At = s.At.Add(-16 * time.Minute) }, nil, "InvalidTimestamp",
			400,
		},
		{
			"a clock that is fast", func(s *volcengine.Signing) { s.At = s.At.Add(16 * time.Minute) }, nil, "InvalidTimestamp",
			400,
		},
		{"a clock that is a little slow", func(s *volcengine.Signing) { s.At = s.At.Add(-14 * time.Minute) }, nil, "", 200},
		{"a key that there is not", func(s *volcengine.Signing) { s.ID = "AKLT-nobody" }, nil, "InvalidAccessKey", 401},
		{"a wrong secret", func(s *volcengine.Signing) { s.Secret = "wrong" }, nil, "SignatureDoesNotMatch", 401},
		{
			"a query that was changed", nil, func(r *http.Request) { r.URL.RawQuery += "&MaxResults=5" },
			"SignatureDoesNotMatch", 401,
		},
		{"a header that was changed", nil, header("Content-Type", "text/plain"), "SignatureDoesNotMatch", 401},
		{
			"the hash of another body", func(s *volcengine.Signing) { s.Headers = []string{"x-date"} },
			header("X-Content-Sha256", "00"), "SignatureDoesNotMatch", 401,
		},
		{
			"a date that is not signed", func(s *volcengine.Signing) { s.Headers = []string{"host"} }, nil,
			"SignatureDoesNotMatch", 401,
		},
		{
			"a scope of another day", nil, func(r *http.Request) { edit(r.Header.Get("X-Date")[:8], "20200101")(r) },
			"SignatureDoesNotMatch", 401,
		},
		{"a temporary key", temporary(demo.Temporary.Token), nil, "", 200},
		{"a temporary key without its token", temporary(""), nil, "InvalidSecurityToken", 401},
		{"a temporary key with another token", temporary("wrong"), nil, "InvalidSecurityToken", 401},
		{
			"a lasting key with a token", func(s *volcengine.Signing) { s.Token = demo.Temporary.Token }, nil,
			"InvalidSecurityToken", 401,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			got := f.send(t, raw{sign: test.sign, spoil: test.spoil})
			wantAnswer(t, got, test.code, test.status)
			if call := f.last(); call.Code != test.code || call.Action != "DescribeInstances" {
				t.Errorf("the log has %s of %s, want %s of DescribeInstances", call.Code, call.Action, test.code)
			}
		})
	}
}

func TestTheSDKWithOtherKeys(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"})
	describe := func(id, secret, token string) error {
		_, err := f.client(t, region, id, secret, token).DescribeInstancesWithContext(t.Context(),
			&ecs.DescribeInstancesInput{})
		return err
	}
	if err := describe(demo.Temporary.AccessKeyID, demo.Temporary.Secret, demo.Temporary.Token); err != nil {
		t.Errorf("a temporary key: %v", err)
	}
	wantError(t, describe(demo.Expired.AccessKeyID, demo.Expired.Secret, demo.Expired.Token), "ExpiredToken", 401)
	f.set(t, volcengine.ExpiredTokenCode, "InvalidSecurityToken")
	wantError(t, describe(demo.Expired.AccessKeyID, demo.Expired.Secret, demo.Expired.Token), "InvalidSecurityToken",
		401)
	wantError(t, describe(demo.Lasting.AccessKeyID, "wrong", ""), "SignatureDoesNotMatch", 401)
	denied := f.client(t, region, demo.Denied.AccessKeyID, demo.Denied.Secret, "")
	_, err := denied.StopInstancesWithContext(t.Context(), &ecs.StopInstancesInput{
		InstanceIds: sdk.StringSlice([]string{"i-1"}),
	})
	wantError(t, err, "AccessDenied", 403)
	f.wantStatus(t, "i-1", "RUNNING")
	call := f.last()
	if call.AccessKeyID != demo.Denied.AccessKeyID || call.InstanceIDs[0] != "i-1" || call.Region != region {
		t.Errorf("the log of a refused call has key %s, ids %v, region %s", call.AccessKeyID, call.InstanceIDs, call.Region)
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: "i-1"}, simulator.Instance{ID: "i-2"})
	f.cloud.Accept(simulator.Credential{
		AccessKeyID: "AKLT-one", Secret: "s", Policy: &simulator.Policy{Statement: []simulator.Statement{
			{Effect: "Allow", Action: []string{"ecs:DescribeInstances"}},
			{
				Effect: "Allow", Action: []string{"ecs:StopInstances"},
				Resource: []string{"trn:ecs:" + region + ":2100000001:instance/i-1"},
			},
		}},
	})
	for _, test := range []struct {
		name, id, secret string
		ids              []string
		denied           string
	}{
		{
			"a key that may only describe", demo.ReadOnly.AccessKeyID, demo.ReadOnly.Secret,
			[]string{"i-1"},
			"ecs:StopInstances on resource: trn:ecs:" + region + ":2100000001:instance/i-1",
		},
		{"a key for one of two", "AKLT-one", "s", []string{"i-1", "i-2"}, "instance/i-2"},
		{"a key for the one", "AKLT-one", "s", []string{"i-1"}, ""},
	} {
		client := f.client(t, region, test.id, test.secret, "")
		seen, err := client.DescribeInstancesWithContext(t.Context(), &ecs.DescribeInstancesInput{
			InstanceIds: sdk.StringSlice([]string{"i-1", "i-absent"}),
		})
		if err != nil || len(seen.Instances) != 1 {
			t.Errorf("%s: a describe shows %v (%v), want one instance", test.name, seen, err)
		}
		_, err = client.StopInstancesWithContext(t.Context(), &ecs.StopInstancesInput{InstanceIds: sdk.StringSlice(test.ids)})
		if test.denied == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			f.wantStatus(t, "i-1", "STOPPED")
			continue
		}
		wantError(t, err, "AccessDenied", 403)
		if !strings.Contains(err.Error(), test.denied) {
			t.Errorf("%s: %v, want %q in it", test.name, err, test.denied)
		}
		f.wantStatus(t, "i-1", "RUNNING")
	}
	f.wantStatus(t, "i-2", "RUNNING")
}

func TestRequestsThatAreNotWellFormed(t *testing.T) {
	t.Parallel()
	const formType = "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name   string
		raw    raw
		code   string
		status int
	}{
		{"no action", raw{action: "none"}, "MissingParameter", 400},
		{"no version", raw{version: "none"}, "MissingParameter", 400},
		{"another version", raw{version: "2016-11-15"}, "InvalidActionOrVersion", 404},
		{"an action that there is not", raw{action: "ExplodeInstances"}, "InvalidActionOrVersion", 404},
		{"another method", raw{method: http.MethodPut}, "MethodNotAllowed", 400},
		{
			"a form in the body",
			raw{method: http.MethodPost, body: "MaxResults=5", header: map[string]string{"Content-Type": formType}},
			"", 200,
		},
		{
			"a wrong form in the body",
			raw{method: http.MethodPost, body: "MaxResults=five", header: map[string]string{"Content-Type": formType}},
			"InvalidArgument", 400,
		},
		{
			"a form with a stray percent sign",
			raw{method: http.MethodPost, body: "MaxResults=%", header: map[string]string{"Content-Type": formType}},
			"InvalidArgument", 400,
		},
		{
			"a body that is no form",
			raw{method: http.MethodPost, body: "{}", header: map[string]string{"Content-Type": "application/json"}},
			"InvalidArgument", 400,
		},
		{"an unknown parameter", raw{query: "InstanceIDs.1=i-1"}, "InvalidArgument", 400},
		{"a parameter twice", raw{query: "MaxResults=5&MaxResults=6"}, "InvalidArgument", 400},
		{"a list without a number", raw{query: "InstanceIds=i-1"}, "InvalidArgument", 400},
		{"a list from zero", raw{query: "InstanceIds.0=i-1"}, "InvalidArgument", 400},
		{"a list with a gap", raw{query: "InstanceIds.1=i-1&InstanceIds.3=i-3"}, "InvalidArgument", 400},
		{"a text with a number", raw{query: "Status.1=RUNNING"}, "InvalidArgument", 400},
		{"a tag without a key", raw{query: "TagFilters.1.Values.1=v"}, "InvalidArgument", 400},
		{"a tag with another part", raw{query: "TagFilters.1.Name=v"}, "InvalidArgument", 400},
		{"tag values with a gap", raw{query: "TagFilters.1.Key=k&TagFilters.1.Values.2=v"}, "InvalidArgument", 400},
		{"tag values without a number", raw{query: "TagFilters.1.Key=k&TagFilters.1.Values.x=v"}, "InvalidArgument", 400},
		{"tags without a number", raw{query: "TagFilters.x.Key=k"}, "InvalidArgument", 400},
		{
			"a switch that is neither true nor false",
			raw{action: "StopInstances", query: "InstanceIds.1=i-1&ForceStop=1"},
			"InvalidArgument", 400,
		},
		{"a dry run of many", raw{action: "StopInstances", query: "InstanceIds.1=i-1&DryRun=true"}, "InvalidArgument", 400},
		{
			"a mode for a start",
			raw{action: "StartInstances", query: "InstanceIds.1=i-1&StoppedMode=KeepCharging"},
			"InvalidArgument", 400,
		},
		{"no ids", raw{action: "StopInstances"}, "MissingParameter.InstanceId", 400},
		{"no id", raw{action: "StopInstance"}, "MissingParameter.InstanceId", 400},
		{
			"a mode that there is not",
			raw{action: "StopInstances", query: "InstanceIds.1=i-1&StoppedMode=STOP_CHARGING"},
			"InvalidStoppedMode.Malformed", 400,
		},
		{
			"a client token that is too long",
			raw{action: "StopInstances", query: "InstanceIds.1=i-1&ClientToken=" + strings.Repeat("x", 65)},
			"InvalidClientToken.Malformed", 400,
		},
		{
			"a client token that is just not too long",
			raw{action: "StopInstances", query: "InstanceIds.1=i-1&ClientToken=" + strings.Repeat("x", 64)},
			"", 200,
		},
		{
			"a client token beyond ASCII",
			raw{action: "StopInstances", query: "InstanceIds.1=i-1&ClientToken=é"},
			"InvalidClientToken.Malformed", 400,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			wantAnswer(t, f.send(t, test.raw), test.code, test.status)
		})
	}
}

func TestTheEnvelopeNamesTheCall(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	for _, action := range []string{"DescribeInstances", "StopInstance"} {
		m := f.send(t, raw{action: action}).ResponseMetadata
		if m.Action != action || m.Version != volcengine.Version || m.Service != "ecs" || m.Region != region || len(
			m.RequestID,
		) != 34 {
			t.Errorf("metadata are %+v", m)
		}
		if call := f.last(); call.RequestID != m.RequestID {
			t.Errorf("the log has request id %s, want %s", call.RequestID, m.RequestID)
		}
	}
	got := f.send(t, raw{sign: func(s *volcengine.Signing) { s.Secret = "wrong" }})
	if n := got.ResponseMetadata.Error.CodeN; n != 100010 {
		t.Errorf("the number of the code is %d, want 100010", n)
	}
}

func TestOtherCloudsRequestsAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, authorization := range []string{
		"ACS3-HMAC-SHA256 Credential=a", "TC3-HMAC-SHA256 Credential=a", "ZC2-HMAC-SHA256 Credential=a", "",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			"http://127.0.0.1/?Action=DescribeInstances&Version=2014-05-26", nil)
		if err != nil {
			t.Fatal(err)
		}
		if authorization != "" {
			r.URL.RawQuery = "Action=DescribeInstances&Version=" + volcengine.Version
			r.Header.Set("Authorization", authorization)
		}
		if volcengine.New().Match(r) {
			t.Errorf("a request with %q and %s is claimed", authorization, r.URL.RawQuery)
		}
	}
}
