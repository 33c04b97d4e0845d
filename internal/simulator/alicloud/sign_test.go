package alicloud_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
)

// The example of https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature.
func TestTheNewerSignatureIsThatOfTheReferencePage(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"https://ecs.cn-shanghai.aliyuncs.com/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&"+
			"RegionId=cn-shanghai", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Acs-Action", "RunInstances")
	r.Header.Set("X-Acs-Version", alicloud.Version)
	r.Header.Set("X-Acs-Date", "2023-10-26T10:22:32Z")
	r.Header.Set("X-Acs-Signature-Nonce", "3156853299f313e23d1673dc12e1703d")
	alicloud.SignHeaders(r, "YourAccessKeyId", "YourAccessKeySecret", "")
	got := r.Header.Get("Authorization")
	want := "ACS3-HMAC-SHA256 " +
		"Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;" +
		"x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
	if got != want {
		t.Errorf("signed with\n%s, want\n%s", got, want)
	}
}

// The examples of https://www.alibabacloud.com/help/en/sdk/product-overview/rpc-mechanism
// as it is now and as it was.
func TestTheOlderSignatureIsThatOfTheReferencePage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query, want string
	}{
		{
			"Timestamp=2016-02-23T12:46:24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions&SignatureMethod=HMAC-SHA1&" +
				"SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&SignatureVersion=1.0",
			"OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
		},
		{
			"Timestamp=2023-03-13T08:34:30Z&Format=JSON&AccessKeyId=testid&Action=DescribeDedicatedHosts&" +
				"SignatureMethod=HMAC-SHA1&" +
				"SignatureNonce=edb2b34af0af9a6d14deaf7c1a5315eb&Version=2014-05-26&SignatureVersion=1.0&RegionId=cn-beijing",
			"9NaGiOspFP5UPcwX8Iwt2YJXXuk=",
		},
	} {
		all, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := alicloud.SignQuery(http.MethodGet, all, "testsecret"); got != test.want {
			t.Errorf("signature of %s is %s, want %s", test.query, got, test.want)
		}
	}
}

func TestTheSDKIsAuthenticated(t *testing.T) {
	t.Parallel()
	f := setUp(t, simulator.Instance{ID: one})
	key := func(id, secret, token string) func(*openapi.Config) {
		return func(c *openapi.Config) {
			c.AccessKeyId, c.AccessKeySecret = dara.String(id), dara.String(secret)
			if token != "" {
				c.SecurityToken = dara.String(token)
			}
		}
	}
	for _, test := range []struct {
		name   string
		change func(*openapi.Config)
		code   string
		status int
	}{
		{"a key that lasts", nil, "", 0},
		{"a key with its token", key(demo.Temporary.AccessKeyID, demo.Temporary.Secret, demo.Temporary.Token), "", 0},
		{"an unknown key", key("LTAI-nobody", "secret", ""), "InvalidAccessKeyId.NotFound", 404},
		{"a wrong secret", key(demo.Lasting.AccessKeyID, "wrong", ""), "SignatureDoesNotMatch", 400},
		{"a key without its token", key(demo.Temporary.AccessKeyID, demo.Temporary.Secret, ""), "MissingSecurityToken", 400},
		{
			"a key with another token", key(demo.Temporary.AccessKeyID, demo.Temporary.Secret, "other"),
			"InvalidSecurityToken.Malformed", 400,
		},
		{
			"a token that has expired", key(demo.Expired.AccessKeyID, demo.Expired.Secret, demo.Expired.Token),
			"InvalidSecurityToken.Expired", 400,
		},
	} {
		for _, way := range []struct {
			name   string
			change func(*openapi.Config)
		}{{"in headers", func(*openapi.Config) {}}, {"in the query", rpc}} {
			t.Run(test.name+" "+way.name, func(t *testing.T) {
				t.Parallel()
				client := f.client(t, func(c *openapi.Config) {
					way.change(c)
					if test.change != nil {
						test.change(c)
					}
				})
				// The name has what an encoding can get wrong.
				body, err := send(t.Context(), client, "DescribeInstances", alicloud.Version, &openapi.OpenApiRequest{
					Query: map[string]*string{"RegionId": dara.String(region), "InstanceName": dara.String("a b+*~/ü=&%")},
				})
				wantRefusal(t, err, test.code, test.status)
				if err == nil && len(list(t, body, "Instances", "Instance")) != 0 {
					t.Errorf("an instance has that name: %v", body)
				}
			})
		}
	}
}

func TestParametersInABody(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*openapi.Config){nil, rpc} {
		f := setUp(t, simulator.Instance{ID: one}, simulator.Instance{ID: two})
		_, err := send(t.Context(), f.client(t, change), "StopInstances", alicloud.Version, &openapi.OpenApiRequest{
			Query: map[string]*string{"RegionId": dara.String(region)},
			Body:  map[string]any{"InstanceId": []string{one, two}, "StoppedMode": "StopCharging"},
		})
		if err != nil {
			t.Fatal(err)
		}
		f.wantStatus(t, one, "Stopped")
		f.wantStatus(t, two, "Stopped")
	}
}

// raw is a request that the SDK does not make.
type raw struct {
	method, path, body string
	query              url.Values
	header             map[string]string // an empty value takes the header away before signing
	tamper             func(*http.Request)
	secret             string
}

func (f *fixture) raw(t *testing.T, in raw) (int, http.Header, string) {
	t.Helper()
	if in.method == "" {
		in.method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), in.method, f.server.URL()+"/"+in.path+"?"+in.query.Encode(),
		strings.NewReader(in.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Acs-Action", "DescribeInstances")
	r.Header.Set("X-Acs-Version", alicloud.Version)
	r.Header.Set("X-Acs-Date", time.Now().UTC().Format("2006-01-02T15:04:05Z"))
	r.Header.Set("X-Acs-Signature-Nonce", t.Name())
	for name, value := range in.header {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if in.secret == "" {
		in.secret = demo.Lasting.Secret
	}
	alicloud.SignHeaders(r, demo.Lasting.AccessKeyID, in.secret, in.body)
	if in.tamper != nil {
		in.tamper(r)
	}
	return do(t, r)
}

func do(t *testing.T, r *http.Request) (int, http.Header, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

func TestSignaturesThatTheSDKDoesNotMake(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	at := func(d time.Duration) map[string]string {
		return map[string]string{"X-Acs-Date": time.Now().Add(d).UTC().Format("2006-01-02T15:04:05Z")}
	}
	for _, test := range []struct {
		name string
		in   raw
		code string // in the body; empty for an answer
	}{
		{"a good one", raw{}, ""},
		{"a clock that is a little behind", raw{header: at(-14 * time.Minute)}, ""},
		{"a clock that is far behind", raw{header: at(-16 * time.Minute)}, "InvalidTimeStamp.Expired"},
		{"a clock that is far ahead", raw{header: at(16 * time.Minute)}, "InvalidTimeStamp.Expired"},
		{
			"a date of another form",
			raw{header: map[string]string{"X-Acs-Date": time.Now().Format(time.RFC1123)}},
			"InvalidTimeStamp.Format",
		},
		{"no date", raw{header: map[string]string{"X-Acs-Date": ""}}, "MissingTimestamp"},
		{"no nonce", raw{header: map[string]string{"X-Acs-Signature-Nonce": ""}}, "MissingSignatureNonce"},
		{"another body than was signed", raw{tamper: func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("more")), 4
		}}, "SignatureDoesNotMatch"},
		{
			"another query than was signed",
			raw{tamper: func(r *http.Request) { r.URL.RawQuery += "&VpcId=x" }},
			"SignatureDoesNotMatch",
		},
		{
			"a header that was not signed",
			raw{tamper: func(r *http.Request) { r.Header.Set("X-Acs-Other", "x") }},
			"IncompleteSignature",
		},
		{
			"an authorization of another form",
			raw{tamper: func(r *http.Request) { r.Header.Set("Authorization", "ACS3-HMAC-SHA256 nothing") }},
			"IncompleteSignature",
		},
		{"another version", raw{header: map[string]string{"X-Acs-Version": "2014-05-27"}}, "InvalidVersion"},
		{"no version", raw{header: map[string]string{"X-Acs-Version": ""}}, "MissingVersion"},
		{"an unknown action", raw{header: map[string]string{"X-Acs-Action": "DeleteInstances"}}, "InvalidAction.NotFound"},
		{"no action", raw{header: map[string]string{"X-Acs-Action": ""}}, "MissingAction"},
		{"another path", raw{path: "v1"}, "InvalidAction.NotFound"},
		{"another method", raw{method: http.MethodPut}, "UnsupportedHTTPMethod"},
		{"a GET", raw{method: http.MethodGet}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.in.query = url.Values{"RegionId": {region}}
			status, _, body := f.raw(t, test.in)
			if test.code == "" {
				if status != http.StatusOK {
					t.Errorf("HTTP %d: %s, want 200", status, body)
				}
				return
			}
			if !strings.Contains(body, `"Code":"`+test.code+`"`) {
				t.Errorf("HTTP %d: %s, want %s", status, body, test.code)
			}
		})
	}
	t.Run("the same nonce twice", func(t *testing.T) {
		t.Parallel()
		in := raw{query: url.Values{"RegionId": {region}}}
		f.raw(t, in)
		if _, _, body := f.raw(t, in); !strings.Contains(body, "SignatureNonceUsed") {
			t.Errorf("the second is answered %s, want SignatureNonceUsed", body)
		}
	})
}

func TestTheOlderSignatureIsStrict(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	for _, test := range []struct {
		name   string
		change func(url.Values)
		tamper func(url.Values)
		want   string
	}{
		{"no signature", nil, func(q url.Values) { q.Del("Signature") }, "<Code>MissingSignature</Code>"},
		{"no nonce", func(q url.Values) { q.Del("SignatureNonce") }, nil, "<Code>MissingSignatureNonce</Code>"},
		{
			"another method", func(q url.Values) { q.Set("SignatureMethod", "HMAC-MD5") }, nil,
			"<Code>IncompleteSignature</Code>",
		},
		{
			"changed after signing", nil, func(q url.Values) { q.Set("RegionId", "cn-beijing") },
			"<Code>SignatureDoesNotMatch</Code>",
		},
		{"XML is the default", nil, nil, "<DescribeInstancesResponse><Instances></Instances>"},
		{"JSON when asked for", func(q url.Values) { q.Set("Format", "json") }, nil, `"Instance":[]`},
		{"XML when asked for", func(q url.Values) { q.Set("Format", "XML") }, nil, "<TotalCount>0</TotalCount>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q := url.Values{
				"Action": {"DescribeInstances"}, "Version": {alicloud.Version},
				"AccessKeyId": {demo.Lasting.AccessKeyID}, "RegionId": {region},
				"SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"}, "SignatureNonce": {t.Name()},
				"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
			}
			if test.change != nil {
				test.change(q)
			}
			q.Set("Signature", alicloud.SignQuery(http.MethodGet, q, demo.Lasting.Secret))
			if test.tamper != nil {
				test.tamper(q)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.server.URL()+"/?"+q.Encode(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, body := do(t, r); !strings.Contains(body, test.want) {
				t.Errorf("answered %s, want %s", body, test.want)
			}
		})
	}
}

func TestANonceIsRememberedAsLongAsItsRequestIsGood(t *testing.T) {
	t.Parallel()
	var nonces alicloud.Nonces
	began := time.Now()
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{
		{0, true},
		{0, false},
		{2*alicloud.SkewAllowed + time.Second, false},
		{10 * alicloud.SkewAllowed, true},
	} {
		// Another number moves the memory on, as other calls do.
		nonces.Use(step.after.String(), began.Add(step.after))
		if step.after > 5*alicloud.SkewAllowed {
			nonces.Use("later", began.Add(step.after+3*alicloud.SkewAllowed))
		}
		if got := nonces.Use("nonce", began.Add(step.after)); got != step.want {
			t.Errorf("after %s the nonce is new: %v, want %v", step.after, got, step.want)
		}
	}
}
