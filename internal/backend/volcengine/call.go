package volcengine

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

const (
	service    = "ecs"
	apiVersion = "2020-04-01"
)

// The actions that are called.
const (
	actionDescribe = "DescribeInstances"
	actionStart    = "StartInstances"
	actionStop     = "StopInstances"
	actionReboot   = "RebootInstances"
	// The singular ones are only ever dry.
	actionStartOne  = "StartInstance"
	actionStopOne   = "StopInstance"
	actionRebootOne = "RebootInstance"
)

// withIDs returns the query of a call for several instances.
func withIDs(ids []string) url.Values {
	query := make(url.Values, len(ids)+6)
	for i, id := range ids {
		query.Set("InstanceIds."+strconv.Itoa(i+1), id)
	}
	return query
}

// envelope is the outer form of every answer (SDK source, package response).
// The codes of some gateways come in the simple form.
type envelope struct {
	ResponseMetadata *struct {
		RequestID string `json:"RequestId"`
		Error     *struct {
			Code    string
			Message string
		}
	}
	Result json.RawMessage

	SimpleCode    string `json:"errorcode"`
	SimpleMessage string `json:"message"`
}

// failure returns the error that the answer reports, and false where it reports
// none.
func (e *envelope) failure() (driverkit.APIError, bool) {
	failure := driverkit.APIError{Code: e.SimpleCode, Message: e.SimpleMessage}
	if meta := e.ResponseMetadata; meta != nil {
		failure = driverkit.APIError{RequestID: meta.RequestID}
		if meta.Error != nil {
			failure.Code, failure.Message = meta.Error.Code, meta.Error.Message
		}
	}
	return failure, failure.Code != "" || failure.Message != ""
}

// answered is a call that the API took.
type answered struct {
	requestID string
	exchange  *driverkit.Exchange
}

// call carries out one action for ids, and reads a good answer into result. An
// answer may report an error whatever its status.
func (d *Driver) call(
	ctx context.Context,
	action string,
	query url.Values,
	ids []string,
	result any,
) (answered, error) {
	ctx, ex := driverkit.Record(ctx)
	body, err := d.send(ctx, action, query)
	if err != nil {
		return answered{}, d.kit.Fail(ctx, ex, ids, err)
	}
	var answer envelope
	if err := json.Unmarshal(body, &answer); err != nil {
		return answered{}, d.kit.Fail(ctx, ex, ids, err)
	}
	failure, failed := answer.failure()
	got := answered{requestID: d.kit.Clean(failure.RequestID), exchange: ex}
	switch {
	case failed:
		return got, d.kit.Fail(ctx, ex, ids, &failure)
	case ex.Status >= http.StatusMultipleChoices:
		failure.Message = "the answer has no error code"
		return got, d.kit.Fail(ctx, ex, ids, &failure)
	case answer.ResponseMetadata == nil:
		return got, d.kit.Incomplete(ex, "", "it has no ResponseMetadata")
	case len(answer.Result) == 0:
		return got, nil
	}
	if err := json.Unmarshal(answer.Result, result); err != nil {
		return got, d.kit.Incomplete(ex, failure.RequestID, "it has a Result of another form than documented: "+err.Error())
	}
	return got, nil
}

// send makes one request (https://www.volcengine.com/docs/6369/67269).
func (d *Driver) send(ctx context.Context, action string, query url.Values) ([]byte, error) {
	query.Set("Action", action)
	query.Set("Version", apiVersion)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.kit.Endpoint.String()+"/?"+query.Encode(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	return d.kit.Transport.Send(d.sign(req)) //nolint:contextcheck // The request has it.
}
