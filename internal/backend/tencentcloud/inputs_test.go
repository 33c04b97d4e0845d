package tencentcloud_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/backend/tencentcloud"
)

func TestInputs(t *testing.T) {
	t.Parallel()
	backendtest.RunInputs(t, inputs())
}

func FuzzAnswers(f *testing.F) { backendtest.FuzzAnswers(f, inputs()) }

func inputs() backendtest.Inputs {
	quote := backendtest.JSON
	return backendtest.Inputs{
		Open: func(
			keys map[string]driverkit.Secret, region, endpoint string, base http.RoundTripper,
		) (backend.Driver, error) {
			creds := tencentcloud.Credentials{
				SecretID:  keys["secret_id"],
				SecretKey: keys["secret_key"],
				Token:     keys["security_token"],
			}
			return tencentcloud.New(creds, region, tencentcloud.Options{Endpoint: endpoint, HTTP: base})
		},
		Required:      []string{"secret_id", "secret_key"},
		Token:         "security_token",
		Region:        "ap-guangzhou",
		ID:            "ins-00000001",
		RefusalStatus: http.StatusOK,
		NotFound:      "InvalidInstanceId.NotFound",
		Refusal: func(code, message, requestID string) string {
			return fmt.Sprintf(
				`{"Response":{"Error":{"Code":%s,"Message":%s},"RequestId":%s}}`,
				quote(code), quote(message), quote(requestID),
			)
		},
		Accepted: func(requestID string) string { return fmt.Sprintf(`{"Response":{"RequestId":%s}}`, quote(requestID)) },
		Listing: func(in backendtest.Listed) string {
			return fmt.Sprintf(
				`{"Response":{"RequestId":"r","TotalCount":1,"InstanceSet":[{"InstanceId":%s,"InstanceName":%s,"InstanceState":%s,
				"Tags":[{"Key":%s,"Value":%s}]}]}}`,
				quote(in.ID), quote(in.Name), quote(in.Status), quote(in.TagKey), quote(in.TagValue),
			)
		},
	}
}
