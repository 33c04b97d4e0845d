package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// wantPlain fails on a text that is not fit for a message: empty, without
// bounds, or with characters that a terminal obeys.
func wantPlain(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	if text == "" || len(text) > 8<<10 || !utf8.ValidString(text) {
		t.Errorf("error of %d bytes: %q", len(text), text)
	}
	for _, r := range text {
		if r != '\n' && unicode.IsControl(r) {
			t.Errorf("control character in %q", text)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{"", "null", `{"a":[1,2.5,true,null,"x"],"b":{}}`, `{"a":1,` +
		`"a":2}`, `{"a"`, "[[[[", `{"a":1}x`, `{1:2}`, `{"a" 1}`, `[1 2]`, `[1,]`, "\"\xff\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := parseJSON(data)
		valid := json.Valid(data) || len(bytes.TrimSpace(data)) == 0
		switch {
		case err == nil && !valid:
			t.Errorf("%q is no JSON and was read as %s", data, root.kind)
		case err != nil && valid:
			var syntax *syntaxError
			if !errors.As(err, &syntax) ||
				!strings.Contains(syntax.problem, "twice") && !strings.Contains(syntax.problem, "deeply") {
				t.Errorf("%q is JSON: %v", data, err)
			}
		}
		if err != nil {
			wantPlain(t, err)
		}
	})
}

func FuzzINI(f *testing.F) {
	for _, seed := range []string{"", "[default]\na=b ; c\n#x\n", "a=b", "[x", "[x]\nnothing", "[x]\n=", "[a]\r\nk = " +
		"v#1\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		sections, err := parseINI(data)
		if err != nil {
			wantPlain(t, err)
		}
		for _, section := range sections {
			for key, value := range section.values {
				if key == "" || strings.TrimSpace(value) != value || section.lines[key] < 1 {
					t.Errorf("key %q has %q in line %d", key, value, section.lines[key])
				}
			}
		}
	})
}

func FuzzToken(f *testing.F) {
	for _, seed := range []string{
		"", jwt, "a.b.c", `{"web_identity_token":"` + jwt + `"}`, `{"web_identity_token":1}`,
		token(map[string]any{"aud": []any{"a", 1}, "exp": 1e300}), token(map[string]any{"iss": "\x1b[31m", "exp": -5}),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, source := range []tokenSource{
			{name: "`token`", value: text},
			{name: "`file`", path: "/token"},
		} {
			source.system = (&computer{files: map[string]string{"/token": text}}).system()
			got, err := source.token()
			if err != nil {
				wantPlain(t, err)
				continue
			}
			if !webTokenForm.MatchString(got) {
				t.Errorf("%q is no token", got)
			}
		}
		wantPlain(t, errors.New(describeToken(text, startTime)))
	})
}

// fuzzFile reads a file of a cloud with any content.
func fuzzFile(f *testing.F, cloud *Cloud, path string, seeds ...string) {
	f.Helper()
	for _, seed := range seeds {
		f.Add(seed, "ops")
	}
	f.Fuzz(func(t *testing.T, content, profile string) {
		for _, config := range []Config{{}, {Profile: profile}} {
			c := &computer{home: "/home/u", files: map[string]string{path: content}}
			set, err := New(cloud, config, c.system()).Keys(t.Context())
			if err == nil && set.Token == "" && (set.ID == "" || set.Secret == "") {
				t.Error("half a set without an error")
			}
			if err != nil {
				wantPlain(t, err)
			}
		}
	})
}

func FuzzAlicloudConfig(f *testing.F) {
	var seeds []string
	for _, p := range profiles {
		seeds = append(seeds, `{"current":"ops","profiles":[`+p.text+`]}`)
	}
	fuzzFile(
		f,
		Alicloud,
		in(".aliyun", "config.json"),
		append(seeds, "[default]\ntype=access_key\naccess_key_id=a\naccess_key_secret=b\n")...)
}

func FuzzTencentcloudProfile(f *testing.F) {
	fuzzFile(
		f,
		Tencentcloud,
		in(".tccli", "default.credential"),
		`{"secretId":"id","secretKey":"secret","token":null,"role-arn":"a","type":"oauth","expiresAt":4102444800}`,
		`{"type":"cvm-role"}`,
	)
}

func FuzzVolcengineConfig(f *testing.F) {
	fuzzFile(
		f,
		Volcengine,
		in(".volcengine", "config.json"),
		`{"current":"ops","profiles":{"ops":{"mode":"sso","access-key":"a","secret-key":"b","session-token":"c",`+
			`"sts-expiration":4102444800}}}`,
		`{"profiles":{"ops":{"mode":"console-login","login-session":"s"},"default":{"mode":"oidc","oidc-token-file":"/t",`+
			`"role-trn":"r"}}}`,
	)
}

func FuzzVolcengineLogin(f *testing.F) {
	f.Add(
		`{"access_token":"{\"access_key_id\":\"a\",\"secret_access_key\":\"b\",\"session_token\":\"c\"}",` +
			`"issued_at":"2099-01-01T00:00:00Z","expires_in":3600}`,
	)
	f.Add(`{"access_token":{"access_key_id":1},"issued_at":"x","expires_in":9223372036854775807}`)
	f.Fuzz(func(t *testing.T, content string) {
		system := (&computer{}).system()
		system.Open = (&computer{files: map[string]string{"/any": content}}).openAny
		config := volcengineConfig{jsonFile{resolver: &resolver{cloud: Volcengine, system: system}, path: "/config.json"}}
		if _, err := config.login("s"); err != nil {
			wantPlain(t, err)
		}
	})
}

func FuzzZenlayercloudCredentials(f *testing.F) {
	fuzzFile(
		f,
		Zenlayercloud,
		in(".zenlayer", "credentials.json"),
		`{"default":{"access_key_id":"a","access_key_secret":"b"},"ops":{"token":"t"},"x":null}`,
	)
}

func FuzzEndpoint(f *testing.F) {
	for _, seed := range []string{
		"", "https://sts.{region}.example.com", "http://127.0.0.1:80", "http://[::1]:", "https://u:p@h", "https://h/p?q#f",
		"http://localhost", "://",
	} {
		f.Add(seed, "cn-beijing")
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		u, err := parseEndpoint("`sts_endpoint`", text, region, "")
		if err != nil {
			wantPlain(t, err)
			return
		}
		if u.Scheme != "https" && !driverkit.IsLoopback(u.Hostname()) {
			t.Errorf("%q is plain http to %q", text, u.Host)
		}
		if u.User != nil || u.Path != "" || u.Hostname() == "" {
			t.Errorf("%q gives %s", text, u)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add(
		200,
		"Sun, 29 Nov 2026 10:00:00 GMT",
		`{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"b","SecurityToken":"c","Expiration":"2026-11-29T11:00:00Z"}}`,
	)
	f.Add(
		200,
		"",
		`{"Response":{"Credentials":{"TmpSecretId":"a","TmpSecretKey":"b","Token":"c"},"ExpiredTime":1795950000}}`,
	)
	f.Add(403, "", `{"ResponseMetadata":{"Error":{"Code":"x","Message":"eyJa.b.c\u001b[31m"}}}`)
	f.Add(502, "", "<html>")
	f.Fuzz(func(t *testing.T, status int, date, body string) {
		if status < 100 || status > 599 {
			return
		}
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", date)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
		c := &computer{sts: h, metadata: h}
		for _, cloud := range clouds {
			if cloud.sts == nil {
				continue
			}
			e := endpoint{url: mustURL("https://sts.example.com"), system: c.system()}
			set, err := cloud.sts.webIdentity(t.Context(), e, WebIdentity{RoleARN: "r", SessionName: "s"}, jwt)
			checkAnswer(t, set, err)
			_, err = cloud.sts.callerIdentity(t.Context(), e, Set{ID: "id-1", Secret: "SECRETone1111"})
			checkAnswer(t, Set{}, err)
			m := &machineSource{service: cloud.metadata, base: mustURL("http://127.0.0.1"), system: c.system()}
			set, err = m.exchange(t.Context())
			checkAnswer(t, set, err)
		}
	})
}

func checkAnswer(t *testing.T, set Set, err error) {
	t.Helper()
	if err != nil {
		wantPlain(t, err)
		return
	}
	if set.ID != "" && (set.Secret == "" || set.Token == "" || !set.Expires.After(startTime.Add(-time.Second))) {
		t.Errorf("half a set, or one that has ended at %s", set.Expires)
	}
}
