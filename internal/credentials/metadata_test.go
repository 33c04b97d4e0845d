package credentials

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// machineRole is a metadata service for tests, written from the clouds'
// reference. It refuses what does not come to it directly.
type machineRole struct {
	cloud *Cloud
	now   func() time.Time
	// role is bound to the machine; empty for none.
	role string
	// noToken is set for a service without the token mode: it answers with
	// tokenStatus.
	tokenStatus int
	// life of the keys; an hour when 0.
	life time.Duration
	// hang is closed when requests are to be answered; nil answers at once.
	hang chan struct{}
	// body replaces the keys, and page every answer.
	body, page string

	mu       sync.Mutex
	requests []string
}

func (m *machineRole) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.requests = append(m.requests, r.Method+" "+r.URL.RequestURI())
	m.mu.Unlock()
	if m.page != "" {
		_, _ = io.WriteString(w, m.page)
		return
	}
	if m.hang != nil {
		select {
		case <-m.hang:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Date", m.now().UTC().Format(http.TimeFormat))
	header := map[*Cloud]string{Alicloud: "X-aliyun-ecs-metadata-token", Volcengine: "X-volc-ecs-metadata-token"}[m.cloud]
	roles := map[*Cloud]string{
		Alicloud:     "/latest/meta-data/ram/security-credentials/",
		Tencentcloud: "/latest/meta-data/cam/security-credentials/",
		Volcengine:   "/volcstack/latest/iam/security_credentials",
	}[m.cloud]
	switch {
	case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" && header != "" && m.tokenStatus == 0:
		if r.Header.Get(header+"-ttl-seconds") != "21600" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, "metadata-token\n")
	case r.Method == http.MethodPut:
		w.WriteHeader(m.tokenStatus)
	case header != "" && m.tokenStatus == 0 && r.Header.Get(header) != "metadata-token":
		w.WriteHeader(http.StatusUnauthorized)
	case m.role == "":
		w.WriteHeader(http.StatusNotFound)
	case r.URL.Path == roles:
		if m.cloud == Volcengine {
			_, _ = fmt.Fprintf(w, "[%q]", m.role)
			return
		}
		_, _ = io.WriteString(w, m.role)
	case strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(roles, "/")+"/") == m.role:
		m.writeKeys(w)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (m *machineRole) writeKeys(w io.Writer) {
	if m.body != "" {
		_, _ = io.WriteString(w, m.body)
		return
	}
	life := m.life
	if life == 0 {
		life = time.Hour
	}
	end := m.now().Add(life).UTC()
	id, secret, token := machineKeys[0], machineKeys[1], machineKeys[2]
	var keys map[string]any
	switch m.cloud {
	case Tencentcloud:
		keys = map[string]any{
			"Code":         "Success",
			"TmpSecretId":  id,
			"TmpSecretKey": secret,
			"Token":        token,
			"ExpiredTime":  end.Unix(),
		}
	case Volcengine:
		keys = map[string]any{
			"AccessKeyId":     id,
			"SecretAccessKey": secret,
			"SessionToken":    token,
			"ExpiredTime":     end.Format(time.RFC3339),
		}
	default:
		keys = map[string]any{
			"Code":            "Success",
			"AccessKeyId":     id,
			"AccessKeySecret": secret,
			"SecurityToken":   token,
			"Expiration":      end.Format(time.RFC3339),
		}
	}
	_ = json.NewEncoder(w).Encode(keys)
}

func TestRoleOfTheMachine(t *testing.T) {
	t.Parallel()
	eachService(t, func(t *testing.T, cloud *Cloud) {
		n := cloud.names
		name := "the role \"web\" of the metadata service (`" + n.MachineRole.Name + "` in the provider's " +
			"`" + n.Block + "` block)"
		run := func(m *machineRole, environment map[string]string) (Set, error) {
			m.cloud, m.now = cloud, func() time.Time { return startTime }
			c := &computer{metadata: m, env: environment}
			return New(cloud, Config{MachineRole: "web"}, c.system()).Keys(t.Context())
		}
		t.Run("has keys", func(t *testing.T) {
			m := &machineRole{role: "web", life: 30 * time.Minute}
			set, err := run(m, nil)
			wantKeys(t, set, err, machineKeys[0], machineKeys[1], machineKeys[2], name)
			if want := startTime.Add(30 * time.Minute); !set.Expires.Equal(want) {
				t.Errorf("keys end at %s, want %s", set.Expires, want)
			}
		})
		t.Run("is another one", func(t *testing.T) {
			_, err := run(&machineRole{role: "db"}, nil)
			wantText(
				t,
				err,
				name+": the machine does not have the role \"web\". Bind the role to the machine, or name the one that is bound.",
			)
		})
		t.Run("is a page", func(t *testing.T) {
			m := &machineRole{role: "web", page: "<html>\n<title>Hotel \x1b]0;x\x07login</title></html>"}
			_, err := run(m, nil)
			missing := "the metadata service did not return a token"
			if cloud.metadata.tokenPath == "" {
				missing = "it is not the JSON of a metadata service"
			}
			wantText(t, err, name+": the answer cannot be used: "+missing+" (HTTP status 200). "+
				"Is this machine one of this cloud?")
			if len(m.requests) != 1 {
				t.Errorf("got the requests %v, want one", m.requests)
			}
		})
		t.Run("has an answer that is not JSON", func(t *testing.T) {
			_, err := run(&machineRole{role: "web", body: "<html>SECRETone1111"}, nil)
			wantText(t, err, name+": the answer cannot be used: it is not the JSON of a metadata service (HTTP status 200). "+
				"Is this machine one of this cloud?")
			_, err = run(&machineRole{role: "web", body: strings.Repeat(" ", maxAnswer+1)}, nil)
			wantText(t, err, name+": the answer cannot be used: it is larger than 256 KiB (HTTP status 200). "+
				"Is this machine one of this cloud?")
		})
		t.Run("has half a set of keys", func(t *testing.T) {
			_, err := run(&machineRole{role: "web", body: `{"AccessKeyId":"id-1","TmpSecretId":"id-1"}`}, nil)
			wantText(t, err, name+": the answer cannot be used: it has no secret (HTTP status 200)")
		})
		if cloud == Tencentcloud {
			return
		}
		t.Run("has keys without the token mode", func(t *testing.T) {
			for _, status := range []int{404, 405} {
				set, err := run(&machineRole{role: "web", tokenStatus: status}, nil)
				wantKeys(t, set, err, machineKeys[0], machineKeys[1], machineKeys[2], name)
			}
		})
		t.Run("is not asked for without a token when the token mode fails", func(t *testing.T) {
			m := &machineRole{role: "web", tokenStatus: 403}
			_, err := run(m, nil)
			wantText(t, err, name+": the answer cannot be used: the metadata service did not return a token (HTTP status 403)")
			if len(m.requests) != 1 {
				t.Errorf("requests are %q, want one", m.requests)
			}
		})
	})
	t.Run("is not asked for without a token where that is forbidden", func(t *testing.T) {
		m := &machineRole{cloud: Alicloud, now: time.Now, role: "web", tokenStatus: 404}
		c := &computer{metadata: m, env: env("ALIBABA_CLOUD_IMDSV1_DISABLED", "true")}
		_, err := New(Alicloud, Config{MachineRole: "web"}, c.system()).Keys(t.Context())
		wantText(t, err, "the role \"web\" of the metadata service (`ecs_role_name` in the provider's `alicloud` block): "+
			"the metadata service has no token mode, and the environment variable ALIBABA_CLOUD_IMDSV1_DISABLED forbids the "+
			"other one")
	})
	t.Run("is not bound", func(t *testing.T) {
		m := &machineRole{cloud: Tencentcloud, now: time.Now}
		c := &computer{
			metadata: m,
			home:     "/home/u",
			files:    map[string]string{in(".tccli", "ops.credential"): `{"type":"cvm-role"}`},
		}
		_, err := New(Tencentcloud, Config{Profile: "ops"}, c.system()).Keys(t.Context())
		wantText(
			t,
			err,
			"the metadata service (profile \"ops\" of ~/.tccli/ops.credential (cvm-role)): no role is bound to the machine. "+
				"Bind a role to the machine.",
		)
	})
}

func TestAMetadataServiceThatHangsEndsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		c := &computer{metadata: &machineRole{cloud: Alicloud, now: time.Now, role: "web", hang: hang}, now: time.Now}
		began := time.Now()
		_, err := New(Alicloud, Config{MachineRole: "web"}, c.system()).Keys(t.Context())
		wantText(t, err, "the role \"web\" of the metadata service (`ecs_role_name` in the provider's `alicloud` block): "+
			"the metadata service 100.100.100.200 could not be reached: there was no answer in time. Is this machine one of "+
			"this cloud?")
		if took := time.Since(began); took > exchangeLimit {
			t.Errorf("it took %s, want at most %s", took, exchangeLimit)
		}
	})
}

func TestMetadataEndpoints(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://127.0.0.1:8080":  "",
		"https://metadata.test":  "",
		"http://100.100.100.200": "",
		"http://169.254.0.1": "`metadata_endpoint` is plain http, and not on a loopback address: credentials would " +
			"travel unprotected, use `https://`",
		"metadata": "`metadata_endpoint` has no scheme https: write it as `https://host` or " +
			"`https://host:port`",
		"http://u:SECRETone1111@lo": "`metadata_endpoint` has a user name or a password: write it as `https://host` or " +
			"`https://host:port`",
	} {
		t.Run(text[:8], func(t *testing.T) {
			problems := Alicloud.Check(Config{MetadataEndpoint: text})
			got := ""
			for _, problem := range problems {
				got += problem.Text
			}
			if got != want {
				t.Errorf("problems are %q, want %q", got, want)
			}
		})
	}
}
