package alicloud

import (
	"net/http"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// metadataWords are those of 100.100.100.200
// (https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata/,
// and for the keys of a role the SDK source, credentials/providers/ecs_ram_role.go).
func metadataWords() simulator.MetadataWords {
	return simulator.MetadataWords{ //nolint:gosec // Names of headers, none of which is a secret.
		Host:      "100.100.100.200",
		TokenPath: "/latest/api/token", TTLHeader: "X-aliyun-ecs-metadata-token-ttl-seconds",
		TokenHeader: "X-aliyun-ecs-metadata-token",
		RolesPath:   "/latest/meta-data/ram/security-credentials/",
		List:        func(_ *http.Request, role string) simulator.Answer { return simulator.Text(role) },
		Keys: func(g simulator.Grant) simulator.Answer {
			return simulator.JSON(http.StatusOK, map[string]any{
				"Code": "Success", "AccessKeyId": g.AccessKeyID, "AccessKeySecret": g.Secret, "SecurityToken": g.Token,
				"Expiration": g.Expires.Format(timeForm), "LastUpdated": g.Since.Format(timeForm),
			})
		},
	}
}
