package credentials

import (
	"context"
	"errors"
	"io"
	"log" //nolint:depguard // net/http takes its logger.
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// roles are ARNs in each cloud's form, with the account in them.
var roles = map[*Cloud]struct{ arn, account string }{
	Alicloud:     {"acs:ram::1234567890123456:role/ops", "1234567890123456"},
	Tencentcloud: {"qcs::cam::uin/100000000001:roleName/ops", "100000000001"},
	Volcengine:   {"trn:iam::2100000001:role/ops", "2100000001"},
}

// eachService runs a test for each cloud with a token service.
func eachService(t *testing.T, test func(t *testing.T, cloud *Cloud)) {
	t.Helper()
	for name, cloud := range clouds {
		if cloud.sts == nil {
			continue
		}
		t.Run(name, func(t *testing.T) { test(t, cloud) })
	}
}

// provider is an identity provider in the cloud's form.
func identityProvider(cloud *Cloud) string {
	return map[*Cloud]string{
		Alicloud: "acs:ram::1234567890123456:oidc-provider/hcp", Tencentcloud: "app.terraform.io",
	}[cloud]
}

func TestWebIdentityIsExchangedWithoutASignature(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		sts := &service{cloud: cloud, now: func() time.Time { return startTime }}
		c := &computer{sts: sts, env: env("TFC_RUN_ID", "run-CZcmD7eagjhyX0vN")}
		jwt := runToken(startTime.Add(time.Hour))
		chain := New(cloud, Config{WebIdentity: &WebIdentity{
			RoleARN:         roles[cloud].arn,
			Provider:        identityProvider(cloud),
			Token:           jwt,
			DurationSeconds: 1800,
			Policy:          "{\"Version\": \"1\"}",
		}}, c.system())
		set, err := chain.Keys(t.Context())
		n := cloud.names
		wantKeys(t, set, err, "temporary-id-1", "temporary-secret-1", "temporary-token-1",
			"`"+n.WebIdentity.Block+"` in the provider's `"+n.Block+"` block")
		if want := startTime.Add(time.Hour); !set.Expires.Equal(want) {
			t.Errorf("keys end at %s, want %s", set.Expires, want)
		}
		if set.Account != roles[cloud].account {
			t.Errorf("account is %q, want %q", set.Account, roles[cloud].account)
		}
		want := map[*Cloud]map[string]string{
			Alicloud: {
				"Action": "AssumeRoleWithOIDC", "Version": "2015-04-01",
				"RoleArn": roles[cloud].arn, "OIDCProviderArn": identityProvider(cloud),
				"OIDCToken": jwt, "RoleSessionName": "terraform-run-CZcmD7eagjhyX0vN",
				"DurationSeconds": "1800", "Policy": `{"Version":"1"}`,
			},
			Tencentcloud: {
				"Action": "AssumeRoleWithWebIdentity", "Version": "2018-08-13",
				"RoleArn": roles[cloud].arn, "ProviderId": "app.terraform.io",
				"WebIdentityToken": jwt, "RoleSessionName": "terraform-run-CZcmD7eagjhyX0vN", "DurationSeconds": "1800",
			},
			Volcengine: {
				"Action": "AssumeRoleWithOIDC", "Version": "2018-01-01", "RoleTrn": roles[cloud].arn,
				"OIDCToken": jwt, "RoleSessionName": "terraform-run-CZcmD7eagjhyX0vN",
				"DurationSeconds": "1800", "Policy": `{"Version":"1"}`,
			},
		}[cloud]
		got := sts.call(0)
		delete(got, "User-Agent")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("call (-want +got):\n%s", diff)
		}
		for _, secret := range []string{jwt, set.Secret, set.Token, set.ID} {
			if !strings.Contains(strings.Join(set.Secrets(), "\n"), secret) {
				t.Errorf("%q is not among the secrets of the set", secret)
			}
		}
	})
}

func TestARoleIsAssumedWithASignatureOfTheSource(t *testing.T) {
	t.Parallel()
	for _, session := range []string{"", "TOKENone1111"} {
		eachService(t, func(t *testing.T, cloud *Cloud) {
			sts := &service{
				cloud: cloud, now: func() time.Time { return startTime },
				callers: env("id-1", "SECRETone1111"), sessions: env("id-1", session),
			}
			// The SDKs sign with the time of the machine.
			c := &computer{sts: sts, now: time.Now}
			sts.now = time.Now
			role := &AssumeRole{
				RoleARN: roles[cloud].arn, SessionName: "deploy@2", DurationSeconds: 3600, Policy: `{"Statement": ["a b"]}`,
			}
			if cloud != Volcengine {
				role.ExternalID = "external"
			}
			chain := New(
				cloud,
				Config{ID: "id-1", Secret: "SECRETone1111", Token: session, Region: "cn-shanghai", AssumeRole: role},
				c.system(),
			)
			set, err := chain.Keys(t.Context())
			n := cloud.names
			wantKeys(
				t,
				set,
				err,
				"temporary-id-1",
				"temporary-secret-1",
				"temporary-token-1",
				"the role \""+roles[cloud].arn+"\" (`assume_role` in the provider's `"+n.Block+"` block) with "+
					"`"+n.ID.Name+"` in the provider's `"+n.Block+"` block",
			)
			if set.Account != roles[cloud].account {
				t.Errorf("account is %q, want %q", set.Account, roles[cloud].account)
			}
			got := sts.call(0)
			policy := `{"Statement":["a b"]}`
			if cloud == Tencentcloud {
				policy = "%7B%22Statement%22%3A%5B%22a%20b%22%5D%7D"
			}
			for key, want := range map[string]string{
				"Action": "AssumeRole", "RoleSessionName": "deploy@2", "DurationSeconds": "3600",
				"Policy": policy, "ExternalId": role.ExternalID,
			} {
				if got[key] != want {
					t.Errorf("%s is %q, want %q", key, got[key], want)
				}
			}
		})
	}
}

func TestUnsetOptionsAreNotSent(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		sts := &service{cloud: cloud, now: time.Now, callers: env("id-1", "SECRETone1111")}
		c := &computer{sts: sts, now: time.Now}
		chain := New(
			cloud,
			Config{ID: "id-1", Secret: "SECRETone1111", AssumeRole: &AssumeRole{RoleARN: roles[cloud].arn}},
			c.system(),
		)
		if _, err := chain.Keys(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := sts.call(0)
		for _, key := range []string{"DurationSeconds", "Policy", "ExternalId", "SourceIdentity"} {
			if value, sent := got[key]; sent {
				t.Errorf("%s is sent as %q", key, value)
			}
		}
		if got["RoleSessionName"] != "terraform" {
			t.Errorf("the session is %q, want terraform", got["RoleSessionName"])
		}
	})
}

func TestTheClockOfTheServerDecidesWhenKeysEnd(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		eachService(t, func(t *testing.T, cloud *Cloud) {
			sts := &service{cloud: cloud, now: func() time.Time { return startTime }, skew: skew, life: 30 * time.Minute}
			c := &computer{sts: sts}
			chain := New(cloud, Config{WebIdentity: &WebIdentity{
				RoleARN: roles[cloud].arn, Provider: identityProvider(cloud), Token: runToken(startTime.Add(time.Hour)),
			}}, c.system())
			set, err := chain.Keys(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if want := startTime.Add(30 * time.Minute); !set.Expires.Equal(want) {
				t.Errorf("with a server %s ahead the keys end at %s, want %s", skew, set.Expires, want)
			}
		})
	}
}

func TestExchangesOverRealConnections(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		t.Run("plain http to a loopback address", func(t *testing.T) {
			sts := &service{cloud: cloud, now: time.Now, callers: env("id-1", "SECRETone1111")}
			server := httptest.NewServer(sts)
			defer server.Close()
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			chain := New(cloud, Config{
				ID: "id-1", Secret: "SECRETone1111", STSEndpoint: server.URL, AssumeRole: &AssumeRole{RoleARN: roles[cloud].arn},
			}, System{Transport: transport, LookupEnv: noEnv, UserAgent: "terraform-provider-instance/1.2.3 (ci)"})
			if _, err := chain.Keys(t.Context()); err != nil {
				t.Fatal(err)
			}
			agent := sts.call(0)["User-Agent"]
			if !strings.HasPrefix(agent, "terraform-provider-instance/1.2.3") || strings.Contains(agent, " and ") {
				t.Errorf("the user agent is %q", agent)
			}
			if want := "terraform-provider-instance-1.2.3 in ap-guangzhou"; cloud == Tencentcloud &&
				!strings.HasSuffix(agent, want) {
				t.Errorf("the client of the request is %q, want %q", agent, want)
			}
		})
		t.Run("TLS, with an authority that is not known", func(t *testing.T) {
			sts := &service{cloud: cloud, now: time.Now}
			server := httptest.NewUnstartedServer(sts)
			server.Config.ErrorLog = log.New(io.Discard, "", 0) // The refused handshake is what the test wants.
			server.StartTLS()
			defer server.Close()
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			chain := New(cloud, webConfig(cloud, server.URL), System{Transport: transport, LookupEnv: noEnv})
			began := time.Now()
			_, err := chain.Keys(t.Context())
			if err == nil || !strings.Contains(err.Error(), "is from an authority that this machine does not know. Add ") {
				t.Errorf("error is %v", err)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("it took %s: a certificate that is not trusted is not retried", took)
			}
			if sts.count() != 0 {
				t.Error("the token was sent")
			}
		})
		t.Run("TLS, with an authority that is known", func(t *testing.T) {
			sts := &service{cloud: cloud, now: time.Now}
			server := httptest.NewTLSServer(sts)
			defer server.Close()
			chain := New(cloud, webConfig(cloud, server.URL), System{Transport: server.Client().Transport, LookupEnv: noEnv})
			if _, err := chain.Keys(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func noEnv(string) (string, bool) { return "", false }

// webConfig is a configuration with web identity.
func webConfig(cloud *Cloud, stsEndpoint string) Config {
	return Config{STSEndpoint: stsEndpoint, WebIdentity: &WebIdentity{
		RoleARN: roles[cloud].arn, Provider: identityProvider(cloud), Token: runToken(time.Now().Add(time.Hour)),
	}}
}

func TestAProxyOfTheEnvironmentDoesNotSeeTheCalls(t *testing.T) {
	// The SDKs read these variables of the process themselves.
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://user:SECRETone1111@127.0.0.1:9")
	}
	eachService(t, func(t *testing.T, cloud *Cloud) {
		sts := &service{cloud: cloud, now: time.Now, callers: env("id-1", "SECRETone1111")}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Proxy-Authorization") != "" {
				t.Error("the cloud gets the password of the proxy")
			}
			sts.ServeHTTP(w, r)
		}))
		defer server.Close()
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		chain := New(cloud, Config{
			ID: "id-1", Secret: "SECRETone1111", STSEndpoint: server.URL, AssumeRole: &AssumeRole{RoleARN: roles[cloud].arn},
		}, System{Transport: transport, LookupEnv: noEnv})
		if _, err := chain.Keys(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// What no retry cures is tried once, on every cloud, and the error says what can be done.
func TestATokenServiceThatCannotBeReached(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{
		Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}, Err: syscall.ECONNREFUSED,
	}
	for name, test := range map[string]struct {
		err      error
		want     string
		attempts int
	}{
		"a name that does not exist": {
			&net.DNSError{Err: "no such host", Name: "sts.example.com", IsNotFound: true},
			`the host name "sts.example.com" does not exist. Check ` + "`sts_endpoint`" +
				", and that this machine can resolve public names.", 1,
		},
		"a proxy that wants a login": {
			&driverkit.ProxyError{Host: "proxy:3128", Status: http.StatusProxyAuthRequired},
			"the proxy proxy:3128 answered with the HTTP status 407. Put the user name and the password into HTTPS_PROXY " +
				"(http://user:password@proxy.example.com:3128), or except the cloud's host with NO_PROXY.", 1,
		},
		"nothing that listens on this machine": {
			refused,
			"dial tcp 127.0.0.1:9: connection refused. Nothing listens at that address of this machine: start what " +
				"serves it, such as the simulator, or correct `sts_endpoint`.", 1,
		},
		"a network that is down": {errors.New("network is unreachable"), "network is unreachable", maxAttempts},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachService(t, func(t *testing.T, cloud *Cloud) {
				synctest.Test(t, func(t *testing.T) {
					sent := 0
					system := System{LookupEnv: noEnv, Transport: roundTripper(func(*http.Request) (*http.Response, error) {
						sent++
						return nil, test.err
					})}
					_, err := New(cloud, webConfig(cloud, "https://sts.example.com"), system).Keys(t.Context())
					want := "sts.example.com could not be reached: " + test.want
					if err == nil || !strings.HasSuffix(err.Error(), want) {
						t.Errorf("got the error %v, want one that ends in %q", err, want)
					}
					if sent != test.attempts {
						t.Errorf("got %d attempts, want %d", sent, test.attempts)
					}
				})
			})
		})
	}
}

// TestAnErrorOfAConnectionShowsNoSecret: a server may repeat the request in what does not
// parse as HTTP.
func TestAnErrorOfAConnectionShowsNoSecret(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		synctest.Test(t, func(t *testing.T) {
			system := System{LookupEnv: noEnv, Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				return nil, errors.New("malformed MIME header line: id-1 SECRETone1111 TOKENone2222 today")
			})}
			_, err := New(cloud, Config{
				ID: "id-1", Secret: "SECRETone1111", Token: "TOKENone2222", STSEndpoint: "https://sts.example.com",
				AssumeRole: &AssumeRole{RoleARN: roles[cloud].arn},
			}, system).Keys(t.Context())
			if err == nil || !strings.HasSuffix(err.Error(), "malformed MIME header line: id-1 *** *** today") {
				t.Errorf("got the error %v", err)
			}
		})
	})
}

func TestPlainHTTPIsNotSentToAnotherHost(t *testing.T) {
	t.Parallel()
	sent := 0
	e := endpoint{url: &url.URL{Scheme: "http", Host: "sts.example.com"}, system: System{
		Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			sent++
			return nil, errNoNetwork
		}),
	}.withDefaults()}
	eachService(t, func(t *testing.T, cloud *Cloud) {
		_, err := cloud.sts.webIdentity(
			t.Context(),
			e,
			WebIdentity{RoleARN: roles[cloud].arn, SessionName: "s"},
			runToken(startTime),
		)
		wantText(t, err, "sts.example.com could not be reached: plain http is allowed to loopback addresses only")
	})
	if sent != 0 {
		t.Errorf("%d calls were sent", sent)
	}
}

func TestTokenServicesOfRegions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cloud  *Cloud
		config Config
		env    map[string]string
		want   string
	}{
		"Alibaba Cloud": {Alicloud, Config{Region: "cn-hangzhou"}, nil, "https://sts.aliyuncs.com"},
		"Alibaba Cloud by a region of the environment": {
			Alicloud, Config{}, env("ALIBABA_CLOUD_STS_REGION", "cn-Beijing"), "https://sts.cn-beijing.aliyuncs.com",
		},
		"Alibaba Cloud in a private network": {
			Alicloud,
			Config{},
			env("ALIBABA_CLOUD_STS_REGION", "cn-beijing", "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED", "true"),
			"https://sts-vpc.cn-beijing.aliyuncs.com",
		},
		"Alibaba Cloud in a finance region without a host": {
			Alicloud, Config{}, env("ALIBABA_CLOUD_STS_REGION", "cn-hangzhou-finance"), "https://sts.aliyuncs.com",
		},
		"Alibaba Cloud by a host of the environment": {
			Alicloud,
			Config{},
			env("ALIBABA_CLOUD_STS_ENDPOINT", "sts.eu-central-1.aliyuncs.com"),
			"https://sts.eu-central-1.aliyuncs.com",
		},
		"the configuration before the environment": {
			Alicloud,
			Config{STSEndpoint: "https://sts.{region}.example.com", Region: "EU-Central-1"},
			env("ALIBABA_CLOUD_STS_ENDPOINT", "sts.aliyuncs.com"),
			"https://sts.eu-central-1.example.com",
		},
		"Tencent Cloud": {
			Tencentcloud,
			Config{Region: "ap-guangzhou"},
			nil,
			"https://sts.tencentcloudapi.com",
		},
		"Tencent Cloud in a finance region": {
			Tencentcloud,
			Config{Region: "AP-SHANGHAI-FSI"},
			nil,
			"https://sts.ap-shanghai-fsi.tencentcloudapi.com",
		},
		"Volcengine": {
			Volcengine,
			Config{Region: "cn-shanghai"},
			nil,
			"https://sts.volcengineapi.com",
		},
		"a port": {
			Volcengine,
			Config{STSEndpoint: "http://127.0.0.1:8080"},
			nil,
			"http://127.0.0.1:8080",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := &resolver{cloud: test.cloud, config: test.config, system: (&computer{env: test.env}).system()}
			e, err := r.endpoint("", "")()
			if err != nil {
				t.Fatal(err)
			}
			if got := e.url.String(); got != test.want {
				t.Errorf("endpoint is %s, want %s", got, test.want)
			}
		})
	}
}

func TestATransientFailureIsRetried(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		sts := &service{
			cloud: cloud,
			now:   func() time.Time { return startTime },
			fail: func(n int, _ map[string]string) *failure {
				if n == 1 {
					return &failure{status: 503, code: "ServiceUnavailable", message: "busy"}
				}
				return nil
			},
		}
		if _, err := New(cloud, webConfig(cloud, ""), (&computer{sts: sts}).system()).Keys(t.Context()); err != nil {
			t.Fatal(err)
		}
		if sts.count() != 2 {
			t.Errorf("%d calls, want 2", sts.count())
		}
	})
}

func TestACallerWithoutTimeGetsItsOwnError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(context.Canceled)
	_, err := New(Alicloud, Config{ID: "id-1", Secret: "SECRETone1111"}, (&computer{}).system()).Keys(ctx)
	wantText(t, err, "get the keys of `alicloud`: context canceled")
}
