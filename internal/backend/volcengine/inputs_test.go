package volcengine_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/backend/volcengine"
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
			creds := volcengine.Credentials{
				AccessKey:    keys["access_key"],
				SecretKey:    keys["secret_key"],
				SessionToken: keys["session_token"],
			}
			return volcengine.New(creds, region, volcengine.Options{Endpoint: endpoint, HTTP: base})
		},
		Required:      []string{"access_key", "secret_key"},
		Token:         "session_token",
		Region:        "cn-beijing",
		ID:            "i-conformance1",
		RefusalStatus: http.StatusConflict,
		NotFound:      "InvalidInstance.NotFound",
		Refusal: func(code, message, requestID string) string {
			return fmt.Sprintf(
				`{"ResponseMetadata":{"RequestId":%s,"Error":{"Code":%s,"Message":%s}}}`,
				quote(requestID), quote(code), quote(message),
			)
		},
		Accepted: func(requestID string) string {
			return fmt.Sprintf(
				`{"ResponseMetadata":{"RequestId":%s},"Result":{"OperationDetails":[{"InstanceId":"i-conformance1"}]}}`,
				quote(requestID),
			)
		},
		Listing: func(in backendtest.Listed) string {
			return fmt.Sprintf(
				`{"ResponseMetadata":{"RequestId":"r"},"Result":{"TotalCount":1,"Instances":[{"InstanceId":%s,"InstanceName":%s,
				"Status":%s,"Tags":[{"Key":%s,"Value":%s}]}]}}`,
				quote(in.ID), quote(in.Name), quote(in.Status), quote(in.TagKey), quote(in.TagValue),
			)
		},
	}
}
