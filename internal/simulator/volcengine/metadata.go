package volcengine

import (
	"net/http"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// metadataWords are those of 100.96.0.96 (SDK source,
// volcengine/credentials/ecs_role_provider.go).
func metadataWords() simulator.MetadataWords {
	return simulator.MetadataWords{ //nolint:gosec // Names of headers, none of which is a secret.
		Host:      "100.96.0.96",
		TokenPath: "/latest/api/token", TTLHeader: "X-volc-ecs-metadata-token-ttl-seconds",
		TokenHeader: "X-volc-ecs-metadata-token",
		RolesPath:   "/volcstack/latest/iam/security_credentials",
		List: func(r *http.Request, role string) simulator.Answer {
			if r.URL.Query().Get("format") == "json" {
				return simulator.JSON(http.StatusOK, []string{role})
			}
			return simulator.Text(role + "\n")
		},
		Keys: func(g simulator.Grant) simulator.Answer {
			return simulator.JSON(http.StatusOK, map[string]any{
				"AccessKeyId": g.AccessKeyID, "SecretAccessKey": g.Secret, "SessionToken": g.Token,
				"CurrentTime": g.Since.In(beijing()).Format(time.RFC3339),
				"ExpiredTime": g.Expires.In(beijing()).Format(time.RFC3339),
			})
		},
	}
}
