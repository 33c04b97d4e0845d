package tencentcloud

import (
	"net/http"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// TestSignatureVector is computed independently of this package: a request of
// the vendor's SDK at a fixed time.
func TestSignatureVector(t *testing.T) {
	t.Parallel()
	body := `{"InstanceIds":["ins-r8hr2upy"],"StopType":"SOFT","StoppedMode":"STOP_CHARGING"}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://cvm.tencentcloudapi.com/",
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	canonical := canonicalForms(r, []byte(body), []string{"content-type", "host"})[0]
	for name, pair := range map[string][2]string{
		"sha256 of the body": {
			signing.Hash([]byte(body)), "e2c57e86aeb2746d1241462d1fd54a097ff3c4bf4ec74dea7762f2a6b4e2cc45",
		},
		"sha256 of the canonical": {
			signing.Hash([]byte(canonical)), "d0ef17d51d4e7bf07b53f8c8de62682f5b611fce3694d4ea9e7804f052adc330",
		},
		"signature": {
			signature("SECRETEXAMPLE", "2023-11-14", "cvm", stringToSign("1700000000", "2023-11-14", "cvm", canonical)),
			"b6f27870833a65699681e5a3b96ac9bcad6cbc60d05d4b6f8c286870a89002d2",
		},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %s, want %s", name, pair[0], pair[1])
		}
	}
}

func TestParseAuthorization(t *testing.T) {
	t.Parallel()
	good := "TC3-HMAC-SHA256 Credential=id/2023-11-14/cvm/tc3_request, SignedHeaders=content-type;host, " +
		"Signature=" + strings.Repeat("a", 64)
	a, ok := parseAuthorization(good)
	if !ok || a.id != "id" || a.date != "2023-11-14" || a.service != "cvm" || len(a.signedHeaders) != 2 {
		t.Errorf("parsed %+v, %v", a, ok)
	}
	for _, bad := range []string{
		"", "SKIP", "Bearer x", strings.Replace(good, "TC3", "ZC2", 1), strings.Replace(good, "/tc3_request", "", 1),
		strings.Replace(good, "Signature=a", "Signature=z", 1), good + "a",
	} {
		if _, ok := parseAuthorization(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}
