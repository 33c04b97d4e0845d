package credentials

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// service is a token service for tests, written from the clouds' reference. It
// checks signatures, and that calls with a token are not signed.
type service struct {
	cloud *Cloud
	now   func() time.Time
	// skew is how far its clock is ahead.
	skew time.Duration
	// life of the keys that it issues; an hour when 0.
	life time.Duration
	// callers are the secrets of the ids that may sign; sessions their tokens.
	callers, sessions map[string]string
	// fail answers the n-th call, counted from 1, where it is not nil.
	fail func(n int, call map[string]string) *failure
	// before is called before each answer; it may block.
	before func(n int)

	mu    sync.Mutex
	calls []map[string]string
}

// failure is an answer with an error.
type failure struct {
	status        int
	code, message string
	body          string // in place of all that
}

func (s *service) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

func (s *service) call(n int) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[n]
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	call := s.read(r, body)
	s.mu.Lock()
	s.calls = append(s.calls, call)
	n := len(s.calls)
	s.mu.Unlock()
	if s.before != nil {
		s.before(n)
	}
	now := s.now().Add(s.skew).UTC()
	w.Header().Set("Date", now.Format(http.TimeFormat))
	var f *failure
	if problem := s.refuse(r, body, call); problem != "" {
		f = &failure{status: 403, code: "SignatureDoesNotMatch", message: problem}
	} else if s.fail != nil {
		f = s.fail(n, call)
	}
	w.Header().Set("Content-Type", "application/json")
	if f != nil {
		s.writeFailure(w, f, n)
		return
	}
	life := s.life
	if life == 0 {
		life = time.Hour
	}
	s.writeKeys(w, call, n, now, now.Add(life))
}

// read returns the parameters of a call.
func (s *service) read(r *http.Request, body []byte) map[string]string {
	call := make(map[string]string)
	switch s.cloud {
	case Tencentcloud:
		var parameters map[string]any
		if err := json.Unmarshal(body, &parameters); err != nil {
			panic(err)
		}
		for key, value := range parameters {
			call[key] = fmt.Sprint(value)
		}
		call["Action"], call["Version"] = r.Header.Get("X-TC-Action"), r.Header.Get("X-TC-Version")
	case Volcengine:
		readForm(call, body)
		call["Action"], call["Version"] = r.URL.Query().Get("Action"), r.URL.Query().Get("Version")
	default:
		readForm(call, body)
		call["Action"], call["Version"] = r.Header.Get("x-acs-action"), r.Header.Get("x-acs-version")
	}
	call["User-Agent"] = strings.Join(r.Header.Values("User-Agent"), " and ")
	if s.cloud == Tencentcloud {
		call["User-Agent"] += " " + r.Header.Get("X-TC-RequestClient") + " in " + r.Header.Get("X-TC-Region")
	}
	return call
}

func readForm(call map[string]string, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		panic(err)
	}
	for key := range form {
		call[key] = form.Get(key)
	}
}

// refuse returns why the cloud would refuse the signature.
func (s *service) refuse(r *http.Request, body []byte, call map[string]string) string {
	versions := map[*Cloud]string{Alicloud: "2015-04-01", Tencentcloud: "2018-08-13", Volcengine: "2018-01-01"}
	if call["Version"] != versions[s.cloud] {
		return "the version is " + call["Version"]
	}
	authorization := r.Header.Get("Authorization")
	if strings.Contains(call["Action"], "With") {
		want := map[*Cloud]string{Tencentcloud: "SKIP"}[s.cloud]
		if authorization != want || r.Header.Get("x-acs-accesskey-id") != "" {
			return "a call with a token is not signed"
		}
		return ""
	}
	match := authorizationForm.FindStringSubmatch(authorization)
	if match == nil {
		return "the call is not signed: " + authorization
	}
	id, scope, _ := strings.Cut(match[1], "/")
	s.mu.Lock()
	secret, known := s.callers[id]
	session := s.sessions[id]
	s.mu.Unlock()
	if !known {
		return "no such key"
	}
	var sent, wanted string
	switch s.cloud {
	case Tencentcloud:
		sent, wanted = r.Header.Get("X-TC-Token"), signTencent(r, body, secret, scope, strings.Split(match[2], ";"))
	case Volcengine:
		sent, wanted = r.Header.Get("X-Security-Token"), signVolcengine(r, body, secret, scope, strings.Split(match[2], ";"))
	default:
		sent, wanted = r.Header.Get("x-acs-security-token"), signAlibaba(r, body, secret, strings.Split(match[2], ";"))
	}
	if sent != session {
		return "the token does not belong to the key"
	}
	if match[3] != wanted {
		return "the signature does not match"
	}
	return ""
}

var authorizationForm = regexp.MustCompile(`Credential=([^, ]+), ?SignedHeaders=([^, ]+), ?Signature=([0-9a-f]+)$`)

func hashHex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func headerLines(r *http.Request, signed []string) string {
	var b strings.Builder
	for _, name := range signed {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
			if value == "" {
				value = r.URL.Host
			}
		}
		b.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	return b.String()
}

// signAlibaba is ACS3-HMAC-SHA256
// (https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature).
func signAlibaba(r *http.Request, body []byte, secret string, signed []string) string {
	canonical := strings.Join([]string{
		r.Method,
		"/",
		strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"),
		headerLines(r, signed),
		strings.Join(signed, ";"),
		hashHex(body),
	}, "\n")
	return hex.EncodeToString(sign([]byte(secret), "ACS3-HMAC-SHA256\n"+hashHex([]byte(canonical))))
}

// signTencent is TC3-HMAC-SHA256
// (https://www.tencentcloud.com/document/api/1150/49454).
func signTencent(r *http.Request, body []byte, secret, scope string, signed []string) string {
	canonical := strings.Join(
		[]string{"POST", "/", "", headerLines(r, signed), strings.Join(signed, ";"), hashHex(body)},
		"\n",
	)
	text := strings.Join(
		[]string{"TC3-HMAC-SHA256", r.Header.Get("X-TC-Timestamp"), scope, hashHex([]byte(canonical))},
		"\n",
	)
	parts := strings.Split(scope, "/")
	return hex.EncodeToString(sign(sign(sign(sign([]byte("TC3"+secret), parts[0]), parts[1]), parts[2]), text))
}

// signVolcengine is HMAC-SHA256 (https://www.volcengine.com/docs/6369/67269).
func signVolcengine(r *http.Request, body []byte, secret, scope string, signed []string) string {
	canonical := strings.Join([]string{
		"POST",
		"/",
		strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"),
		headerLines(r, signed),
		strings.Join(signed, ";"),
		hashHex(body),
	}, "\n")
	text := strings.Join([]string{"HMAC-SHA256", r.Header.Get("X-Date"), scope, hashHex([]byte(canonical))}, "\n")
	key := []byte(secret)
	for _, part := range strings.Split(scope, "/") {
		key = sign(key, part)
	}
	return hex.EncodeToString(sign(key, text))
}

func (s *service) writeFailure(w http.ResponseWriter, f *failure, n int) {
	id := fmt.Sprintf("request-%d", n)
	status := f.status
	var answer any
	switch s.cloud {
	case Tencentcloud:
		if status < 500 {
			status = http.StatusOK
		}
		answer = map[string]any{
			"Response": map[string]any{"RequestId": id, "Error": map[string]any{"Code": f.code, "Message": f.message}},
		}
	case Volcengine:
		answer = map[string]any{
			"ResponseMetadata": map[string]any{"RequestId": id, "Error": map[string]any{"Code": f.code, "Message": f.message}},
		}
	default:
		answer = map[string]any{"RequestId": id, "Code": f.code, "Message": f.message}
	}
	w.WriteHeader(status)
	if f.body != "" {
		_, _ = io.WriteString(w, f.body)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// writeKeys issues keys whose names have the number of the call, or answers
// with the account of the caller.
func (s *service) writeKeys(w http.ResponseWriter, call map[string]string, n int, now, end time.Time) {
	numbered := func(name string) string { return fmt.Sprintf("temporary-%s-%d", name, n) }
	id, secret, session := numbered("id"), numbered("secret"), numbered("token")
	s.mu.Lock()
	if s.callers == nil {
		s.callers = make(map[string]string)
	}
	if s.sessions == nil {
		s.sessions = make(map[string]string)
	}
	s.callers[id], s.sessions[id] = secret, session
	s.mu.Unlock()
	identity := call["Action"] == "GetCallerIdentity"
	var answer any
	switch {
	case s.cloud == Tencentcloud && identity:
		answer = map[string]any{"Response": map[string]any{"RequestId": "r", "AccountId": "100000000001"}}
	case s.cloud == Tencentcloud:
		answer = map[string]any{"Response": map[string]any{
			"RequestId": "r", "ExpiredTime": end.Unix(), "Expiration": end.Format(time.RFC3339),
			"Credentials": map[string]any{"Token": session, "TmpSecretId": id, "TmpSecretKey": secret},
		}}
	case s.cloud == Volcengine && identity:
		answer = map[string]any{
			"ResponseMetadata": map[string]any{"RequestId": "r"},
			"Result":           map[string]any{"AccountId": 2100000001},
		}
	case s.cloud == Volcengine:
		endName := "ExpiredTime"
		if call["Action"] == "AssumeRoleWithOIDC" {
			endName = "Expiration"
		}
		east := time.FixedZone("", 8*60*60)
		keys := map[string]any{
			"CurrentTime": now.In(east).Format(time.RFC3339), endName: end.In(east).Format(time.RFC3339),
			"AccessKeyId": id, "SecretAccessKey": secret, "SessionToken": session,
		}
		answer = map[string]any{"ResponseMetadata": map[string]any{"RequestId": "r"}, "Result": map[string]any{
			"Credentials": keys, "AssumedRoleUser": map[string]any{"Trn": "trn:sts::2100000001:assumed-role/ops/terraform"},
		}}
	case identity:
		answer = map[string]any{"RequestId": "r", "AccountId": "1234567890123456"}
	default:
		answer = map[string]any{
			"RequestId": "r",
			"AssumedRoleUser": map[string]any{
				"Arn":           "acs:ram::1234567890123456:role/ops/terraform",
				"AssumedRoleId": "33:terraform",
			},
			"Credentials": map[string]any{
				"AccessKeyId":     id,
				"AccessKeySecret": secret,
				"SecurityToken":   session,
				"Expiration":      end.Format("2006-01-02T15:04:05Z"),
			},
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// actions returns the actions of all calls.
func (s *service) actions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, call := range s.calls {
		list = append(list, call["Action"])
	}
	return slices.Clip(list)
}
