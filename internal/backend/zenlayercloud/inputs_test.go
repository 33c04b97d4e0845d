package zenlayercloud_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/backendtest"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
	"github.com/instance-power/terraform-provider-instance/internal/backend/zenlayercloud"
)

func TestInputs(t *testing.T) {
	t.Parallel()
	for _, service := range services {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()
			backendtest.RunInputs(t, inputs(service))
		})
	}
}

func FuzzAnswersOfVM(f *testing.F) { backendtest.FuzzAnswers(f, inputs(zenlayercloud.VM)) }

func FuzzAnswersOfZEC(f *testing.F) { backendtest.FuzzAnswers(f, inputs(zenlayercloud.ZEC)) }

func inputs(service zenlayercloud.Service) backendtest.Inputs {
	quote := backendtest.JSON
	return backendtest.Inputs{
		Open: func(keys map[string]driverkit.Secret, _, endpoint string, base http.RoundTripper) (backend.Driver, error) {
			creds := zenlayercloud.Credentials{
				AccessKeyID:       keys["access_key_id"],
				AccessKeyPassword: keys["access_key_password"],
				Token:             keys["token"],
			}
			return zenlayercloud.New(creds, service, zenlayercloud.Options{Endpoint: endpoint, HTTP: base})
		},
		Required:      []string{"access_key_id", "access_key_password"},
		Token:         "token",
		ID:            "conformance-1",
		RefusalStatus: http.StatusConflict,
		NotFound:      "INVALID_INSTANCE_NOT_FOUND",
		Refusal: func(code, message, requestID string) string {
			return fmt.Sprintf(`{"requestId":%s,"code":%s,"message":%s}`, quote(requestID), quote(code), quote(message))
		},
		Accepted: func(requestID string) string { return fmt.Sprintf(`{"response":{"requestId":%s}}`, quote(requestID)) },
		Listing: func(in backendtest.Listed) string {
			return fmt.Sprintf(
				`{"response":{"requestId":"r","totalCount":1,"dataSet":[{"instanceId":%s,"instanceName":%s,"status":%s,
				"tags":{"tags":[{"key":%s,"value":%s}]}}]}}`,
				quote(in.ID), quote(in.Name), quote(in.Status), quote(in.TagKey), quote(in.TagValue),
			)
		},
	}
}
