package alicloud_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/alicloud"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
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
			creds := alicloud.Credentials{
				AccessKeyID:     keys["access_key"],
				AccessKeySecret: keys["secret_key"],
				SecurityToken:   keys["security_token"],
			}
			return alicloud.New(creds, region, alicloud.Options{Endpoint: endpoint, HTTP: base})
		},
		Required:      []string{"access_key", "secret_key"},
		Token:         "security_token",
		Region:        "cn-hangzhou",
		ID:            "i-conformance1",
		RefusalStatus: http.StatusConflict,
		NotFound:      "InvalidInstanceId.NotFound",
		Refusal: func(code, message, requestID string) string {
			return fmt.Sprintf(
				`{"RequestId":%s,"HostId":"ecs","Code":%s,"Message":%s}`,
				quote(requestID), quote(code), quote(message),
			)
		},
		Accepted: func(requestID string) string {
			return fmt.Sprintf(
				`{"RequestId":%s,"InstanceResponses":{"InstanceResponse":[{"InstanceId":"i-conformance1","Code":"200",
				"Message":"success"}]}}`,
				quote(requestID),
			)
		},
		Listing: func(in backendtest.Listed) string {
			return fmt.Sprintf(
				`{"RequestId":"r","NextToken":"","Instances":{"Instance":[{"InstanceId":%s,"InstanceName":%s,"Status":%s,
				"Tags":{"Tag":[{"TagKey":%s,"TagValue":%s}]}}]}}`,
				quote(in.ID), quote(in.Name), quote(in.Status), quote(in.TagKey), quote(in.TagValue),
			)
		},
	}
}
