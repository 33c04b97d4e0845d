package localcloud_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/oidc"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
)

func start(t *testing.T) *simulator.Server {
	t.Helper()
	server, err := localcloud.Start(t.Context(), simulator.DefaultAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// exchange sends the token of a run for a role to the token service of a cloud,
// as its users' programs do, and returns the status and the body.
func exchange(t *testing.T, base, cloud, role, token string) (int, string) {
	t.Helper()
	header := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	path := "/"
	form := url.Values{"RoleSessionName": {"run"}, "OIDCToken": {token}, "RoleArn": {role}}
	body := ""
	switch cloud {
	case alicloud.Name:
		header["X-Acs-Action"], header["X-Acs-Version"] = "AssumeRoleWithOIDC", alicloud.TokenVersion
		form.Set("OIDCProviderArn", alicloud.ProviderARN(alicloud.AccountID, simulator.ProviderName))
		body = form.Encode()
	case volcengine.Name:
		path = "/?Action=AssumeRoleWithOIDC&Version=" + volcengine.TokenVersion
		form.Del("RoleArn")
		form.Set("RoleTrn", role)
		body = form.Encode()
	case tencentcloud.Name:
		header = map[string]string{
			"Content-Type": "application/json", "Authorization": "SKIP", "X-TC-Action": "AssumeRoleWithWebIdentity",
			"X-TC-Version": tencentcloud.TokenVersion, "X-TC-Timestamp": strconv.FormatInt(time.Now().Unix(), 10),
		}
		data, err := json.Marshal(map[string]string{
			"ProviderId": simulator.ProviderName, "WebIdentityToken": token, "RoleArn": role, "RoleSessionName": "run",
		})
		if err != nil {
			t.Fatal(err)
		}
		body = string(data)
	default:
		t.Fatalf("there is no exchange for %s", cloud)
	}
	return request(t, http.MethodPost, base+path, body, header)
}

func request(t *testing.T, method, target, body string, header map[string]string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func TestARunNeedsNoKey(t *testing.T) {
	t.Parallel()
	server := start(t)
	issuer := simulator.NewIssuerControl(server.URL())
	federated := 0
	for _, s := range localcloud.Services() {
		f := s.Federation
		if !f.Tokens() {
			continue
		}
		federated++
		cloud := server.Cloud(s.Cloud)
		for _, test := range []struct {
			phase, role string
			keys        int
		}{{"apply", f.ApplyRole, 1}, {"plan", f.PlanRole, 2}, {"plan", f.ApplyRole, 2}, {"apply", f.PlanRole, 2}} {
			token, err := issuer.Token(t.Context(), f.Request(test.phase))
			if err != nil {
				t.Fatal(err)
			}
			status, body := exchange(t, server.URL(), s.Cloud, test.role, token)
			if got := len(cloud.Issued()); got != test.keys {
				t.Errorf("%s: after the %s run asked for %s there are %d keys, want %d (%d %s)", s.Cloud, test.phase, test.role,
					got, test.keys, status, body)
			}
		}
		keys := cloud.Issued()
		if stop := s.Permission("StopInstances"); !keys[0].Allows(stop, "*") || keys[1].Allows(stop, "*") ||
			!keys[1].Allows(s.Permission("DescribeInstances"), "*") {
			t.Errorf("%s: the keys of the apply may stop: %v, those of the plan: %v", s.Cloud, keys[0].Policy, keys[1].Policy)
		}
		call := cloud.Calls(0)[0]
		if call.Service != simulator.TokenService || call.Role != f.ApplyRole || call.Session != "run" ||
			call.Issued != keys[0].AccessKeyID ||
			call.Subject != oidc.HCPSubject("demo", "demo", "demo", "apply") {
			t.Errorf("%s: the log has %+v", s.Cloud, call)
		}
		if got := f.Configuration(f.ApplyRole, "T"); !strings.HasPrefix(got, f.Block+" {\n") ||
			!strings.Contains(got, f.TokenArgument+` = "T"`) || !strings.Contains(got, f.ApplyRole) {
			t.Errorf("%s: the block is %s", s.Cloud, got)
		}
	}
	if federated != 3 {
		t.Errorf("%d services have a token service, want 3", federated)
	}
}

func TestTheMetadataServicesShareAPort(t *testing.T) {
	t.Parallel()
	server := start(t)
	for cloud, header := range map[string]string{
		alicloud.Name: "X-aliyun-ecs-metadata-token-ttl-seconds", volcengine.Name: "X-volc-ecs-metadata-token-ttl-seconds",
	} {
		if status, token := request(t, http.MethodPut, server.URL()+"/latest/api/token", "",
			map[string]string{header: "60"}); status != http.StatusOK || token == "" {
			t.Errorf("%s answers %d", cloud, status)
		}
		if got := server.Cloud(cloud).CallCounts()[simulator.MetadataToken]; got != 1 {
			t.Errorf("%s counts %d calls, want 1", cloud, got)
		}
	}
	if status, _ := request(t, http.MethodPut, server.URL()+"/latest/api/token", "",
		nil); status != http.StatusBadRequest {
		t.Errorf("a token without its life is answered with %d, want 400", status)
	}
}

func TestIdentitiesOverTheControlInterface(t *testing.T) {
	t.Parallel()
	server := start(t)
	ctx := t.Context()
	k, issuer := simulator.NewControl(server.URL(), alicloud.Name), simulator.NewIssuerControl(server.URL())
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const account = "42"
	arn := alicloud.ProviderARN(account, "ci")
	check(k.SeedProviders(ctx, simulator.OIDCProvider{
		Account: account, Name: "ci", Issuer: oidc.HCPTerraform,
		Audiences: []string{"a"},
	}))
	check(k.SeedRoles(ctx, simulator.Role{
		Account: account, Name: "deploy", Policy: simulator.AllowOnly("ecs:Describe*"),
		MaxSession: simulator.Duration(time.Hour),
		TrustPolicy: json.RawMessage(`{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithOIDC",
 "Principal":{"Federated":"` + arn + `"}}]}`),
	}))
	if err := k.SeedRoles(ctx, simulator.Role{Name: "bad", TrustPolicy: json.RawMessage(`{"Statement":1}`)}); err == nil {
		t.Error("a trust policy that is none is taken")
	}
	check(k.SetMachine(ctx, simulator.Machine{Account: account, Role: "deploy"}))
	if err := k.SetMachine(ctx, simulator.Machine{Role: "none"}); err == nil {
		t.Error("a machine has a role that does not exist")
	}
	life, offset := simulator.Duration(time.Minute), simulator.Offset(-10*time.Minute)
	check(k.ChangeSettings(ctx, simulator.Settings{KeyLife: &life, ClockOffset: &offset}))
	settings, err := k.Settings(ctx)
	check(err)
	if settings.KeyLife == nil || *settings.KeyLife != life || settings.ClockOffset == nil ||
		*settings.ClockOffset != offset {
		t.Errorf("settings are %+v", settings)
	}
	ask := func(request simulator.TokenRequest) int {
		t.Helper()
		token, err := issuer.Token(ctx, request)
		check(err)
		form := url.Values{
			"RoleArn": {alicloud.RoleARN(account, "deploy")}, "RoleSessionName": {"run"},
			"OIDCToken": {token}, "OIDCProviderArn": {arn},
		}
		status, _ := requestForm(t, server.URL(), form)
		return status
	}
	good := simulator.TokenRequest{Subject: "anybody", Audience: oidc.Audience{"a"}}
	changed := func(change func(*simulator.TokenRequest)) simulator.TokenRequest {
		r := good
		change(&r)
		return r
	}
	ending := func(in time.Duration) simulator.TokenRequest {
		return changed(func(r *simulator.TokenRequest) { r.ExpiresIn = simulator.Offset(in) })
	}
	for name, test := range map[string]struct {
		request simulator.TokenRequest
		status  int
	}{
		"a good one":          {good, 200},
		"a past end":          {ending(-11 * time.Minute), 401},
		"an end by its clock": {ending(-9 * time.Minute), 200},
		"a later beginning": {
			changed(func(r *simulator.TokenRequest) { r.NotBeforeIn = simulator.Offset(time.Minute) }),
			401,
		},
		"another issuer":       {changed(func(r *simulator.TokenRequest) { r.Issuer = "https://gitlab.com" }), 401},
		"no algorithm":         {changed(func(r *simulator.TokenRequest) { r.Algorithm = "none" }), 401},
		"a different audience": {changed(func(r *simulator.TokenRequest) { r.Audience = oidc.Audience{"b"} }), 401},
	} {
		if got := ask(test.request); got != test.status {
			t.Errorf("%s is answered with %d, want %d", name, got, test.status)
		}
	}
	check(issuer.Rotate(ctx))
	if got := ask(good); got != http.StatusOK {
		t.Errorf("after a rotation a good token is answered with %d", got)
	}
	counts, err := k.ExchangeCounts(ctx)
	check(err)
	if diff := cmp.Diff(map[string]int{"AssumeRoleWithOIDC acs:ram::42:role/deploy": 3}, counts); diff != "" {
		t.Errorf("exchanges (-want +got):\n%s", diff)
	}
	keys, err := k.Issued(ctx)
	check(err)
	if len(keys) != 3 || keys[0].Account != account || keys[0].Role != "deploy" || keys[0].Secret == "" ||
		time.Until(keys[0].Expires) > -9*time.Minute+time.Minute {
		t.Errorf("keys are %+v", keys)
	}
	if n, err := k.ExpireIssued(ctx); err != nil || n != 3 {
		t.Errorf("%d keys were ended (%v), want 3", n, err)
	}
	check(k.Reset(ctx))
	roles, err := k.Roles(ctx)
	check(err)
	providers, err := k.Providers(ctx)
	check(err)
	settings, err = k.Settings(ctx)
	check(err)
	keys, err = k.Issued(ctx)
	check(err)
	if len(roles) != 5 || len(providers) != 1 || len(keys) != 0 || settings.ClockOffset != nil ||
		settings.KeyLife != nil || server.Cloud(alicloud.Name).Machine().Role != "" {
		t.Errorf("after a reset there are %d roles, %d providers, %d keys, and %+v", len(roles), len(providers), len(keys),
			settings)
	}
}

func requestForm(t *testing.T, base string, form url.Values) (int, string) {
	t.Helper()
	return request(t, http.MethodPost, base+"/", form.Encode(), map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "X-Acs-Action": "AssumeRoleWithOIDC",
		"X-Acs-Version": alicloud.TokenVersion,
	})
}

func TestTheIssuersDocumentsAreServed(t *testing.T) {
	t.Parallel()
	server := start(t)
	status, body := request(t, http.MethodGet, server.URL()+"/_simulator/v1/issuer/.well-known/jwks", "", nil)
	var keys oidc.KeySet
	if err := json.Unmarshal([]byte(body), &keys); err != nil || status != http.StatusOK {
		t.Fatalf("keys are answered with %d %s (%v)", status, body, err)
	}
	status, token := request(t, http.MethodPost, server.URL()+"/_simulator/v1/issuer/token",
		`{"subject":"s","audience":["a","b"]}`, map[string]string{"Accept": "text/plain"})
	claims, err := keys.Verify(token)
	if err != nil || status != http.StatusOK || claims.Subject != "s" || len(claims.Audience) != 2 ||
		claims.Issuer != oidc.HCPTerraform {
		t.Errorf("a token is answered with %d, its claims are %+v (%v)", status, claims, err)
	}
	if status, body := request(t, http.MethodPost, server.URL()+"/_simulator/v1/issuer/token", `{"sub":"s"}`,
		nil); status != http.StatusBadRequest {
		t.Errorf("an unknown field is answered with %d %s", status, body)
	}
	if status, _ := request(t, http.MethodGet, server.URL()+"/_simulator/v1/issuer/.well-known/openid-configuration", "",
		nil); status != http.StatusOK {
		t.Errorf("discovery is answered with %d", status)
	}
}
