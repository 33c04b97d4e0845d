package volcengine

import (
	"net/http"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// Signing is how a test wants a request to be signed.
type Signing struct {
	ID, Secret, Token string
	Region, Service   string
	Headers           []string
	At                time.Time
}

// GoSDK signs with the demo key as the vendor's Go SDK does.
func GoSDK() Signing {
	return Signing{
		ID: Keys().Lasting.AccessKeyID, Secret: Keys().Lasting.Secret, Region: "cn-beijing", Service: Service, At: time.Now(),
		Headers: []string{"content-type", "host", "x-content-sha256", "x-date"},
	}
}

// Sign signs a request that has its other headers already.
func Sign(r *http.Request, body string, s Signing) {
	date := s.At.UTC().Format(dateForm)
	r.Header.Set("X-Date", date)
	if r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	if r.Header.Get("X-Content-Sha256") == "" {
		r.Header.Set("X-Content-Sha256", signing.Hash([]byte(body)))
	}
	if s.Token != "" {
		r.Header.Set("X-Security-Token", s.Token)
	}
	sc := scope{date[:8], s.Region, s.Service}
	canonical := canonicalRequest(r, r.URL.Query(), s.Headers, signing.Hash([]byte(body)))
	text := strings.Join([]string{algorithm, date, sc.String(), signing.Hash([]byte(canonical))}, "\n")
	r.Header.Set("Authorization", algorithm+" Credential="+s.ID+"/"+sc.String()+
		", SignedHeaders="+strings.Join(s.Headers, ";")+", Signature="+signature(s.Secret, sc, text))
}
