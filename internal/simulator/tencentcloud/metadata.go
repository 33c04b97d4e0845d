package tencentcloud

import (
	"net/http"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// metadataWords are those of metadata.tencentyun.com (SDK source,
// common/cvm_role_provider.go). It has no tokens.
func metadataWords() simulator.MetadataWords {
	return simulator.MetadataWords{
		Host:      "metadata.tencentyun.com",
		RolesPath: "/latest/meta-data/cam/security-credentials/",
		List:      func(_ *http.Request, role string) simulator.Answer { return simulator.Text(role) },
		Keys: func(g simulator.Grant) simulator.Answer {
			return simulator.JSON(http.StatusOK, map[string]any{
				"TmpSecretId": g.AccessKeyID, "TmpSecretKey": g.Secret, "Token": g.Token,
				"ExpiredTime": g.Expires.Unix(), "Expiration": g.Expires.Format(time.RFC3339), "Code": "Success",
			})
		},
	}
}
