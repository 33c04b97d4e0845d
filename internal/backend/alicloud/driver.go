package alicloud

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"strconv"

	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

const (
	apiVersion = "2014-05-26"
	// batchSize is the most ids of StopInstances and of DescribeInstances.
	// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances
	batchSize = 100
)

// The actions that are called.
const (
	actionDescribe  = "DescribeInstances"
	actionAttribute = "DescribeInstanceAttribute"
	actionStart     = "StartInstances"
	actionStop      = "StopInstances"
	actionReboot    = "RebootInstances"
)

// Driver is Alibaba Cloud ECS, one account and one region. Make it with New.
type Driver struct {
	kit *driverkit.Kit
	// send is a method of the SDK's client. In place of the client it spares the
	// program the rest of its methods, which the linker would keep.
	send func(
		context.Context, *openapimodels.Params, *openapimodels.OpenApiRequest, *dara.RuntimeOptions,
	) (map[string]any, error)
}

var (
	_ backend.Driver         = (*Driver)(nil)
	_ backend.DryRunner      = (*Driver)(nil)
	_ backend.AbsenceChecker = (*Driver)(nil)
)

// Fault reads an error of the driver.
func (*Driver) Fault(err error) backend.Fault { return driverkit.Fault(err) }

// idForm is how the reference writes instance ids: "i-bp67acfmxazb4ph***", and
// "i-25skktcp4" for old ones.
var idForm = regexp.MustCompile(`^i-[0-9a-z]{8,30}$`)

// ValidID reports whether id plainly has the form of an ECS instance id.
func ValidID(id string) bool { return idForm.MatchString(id) }

// BatchSize returns the most ids of one call.
func (d *Driver) BatchSize() int { return batchSize }

// Capabilities returns what ECS can do. Its rates are assumed: the limits are shown
// in the Quota Center only, per account.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-throttling
func (d *Driver) Capabilities() backend.Capabilities {
	return backend.Capabilities{
		StopCharging:           true,
		ModeChangeNeedsRestart: true,
		PerItemOutcomes:        true,
		ReadsPerSecond:         10,
		WritesPerSecond:        5,
		RatesAssumed:           true,
		Burst:                  backend.AssumedBurst,
	}
}

// Start asks that the instances run.
func (d *Driver) Start(ctx context.Context, ids []string) []backend.Outcome {
	return d.write(ctx, actionStart, ids, nil)
}

// Stop asks that the instances stop. ForceStop is in every call; a stop that
// may escalate goes out as a graceful one.
func (d *Driver) Stop(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, actionStop, ids, stopQuery(opts))
}

// Reboot asks that the instances restart. ForceReboot is in every call.
func (d *Driver) Reboot(ctx context.Context, ids []string, opts backend.StopOptions) []backend.Outcome {
	return d.write(ctx, actionReboot, ids, rebootQuery(opts))
}

func stopQuery(opts backend.StopOptions) map[string]string {
	query := map[string]string{"ForceStop": strconv.FormatBool(opts.Force == backend.Forced)}
	// Without a word the account's default decides.
	if word := modes.Word(opts.Mode); word != "" {
		query["StoppedMode"] = word
	}
	return query
}

func rebootQuery(opts backend.StopOptions) map[string]string {
	return map[string]string{"ForceReboot": strconv.FormatBool(opts.Force == backend.Forced)}
}

// batchQuery is the query of a plural operation: SuccessFirst answers each id
// by itself, AllTogether the call as a whole.
func (d *Driver) batchQuery(ids []string, optimization string, more map[string]string) map[string]string {
	query := map[string]string{"RegionId": d.kit.Region, "BatchOptimization": optimization}
	for i, id := range ids {
		query["InstanceId."+strconv.Itoa(i+1)] = id
	}
	maps.Copy(query, more)
	return query
}

// writeAnswer is the answer of the three plural operations.
type writeAnswer struct {
	RequestID         string `json:"RequestId"`
	InstanceResponses *struct {
		InstanceResponse []writeItem
	}
}

type writeItem struct {
	InstanceID string `json:"InstanceId"`
	Code       itemCode
	Message    string
}

// itemCode is "200" in some of the reference's samples and 200 in others.
type itemCode string

const codeOK itemCode = "200"

// UnmarshalJSON takes a string or a number.
func (c *itemCode) UnmarshalJSON(data []byte) error {
	var number json.Number
	if err := json.Unmarshal(data, &number); err == nil {
		*c = itemCode(number)
		return nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	*c = itemCode(text)
	return nil
}

// write sends one plural operation. One id goes out as AllTogether, so that its
// error is an error of HTTP, with a status; more go out as SuccessFirst, so that
// a bad one does not fail its neighbors.
func (d *Driver) write(ctx context.Context, action string, ids []string, more map[string]string) []backend.Outcome {
	optimization := "AllTogether"
	if len(ids) > 1 {
		optimization = "SuccessFirst"
	}
	var answer writeAnswer
	ex, err := d.call(ctx, action, d.batchQuery(ids, optimization, more), ids, &answer)
	if err == nil && answer.InstanceResponses == nil {
		err = d.kit.Incomplete(ex, answer.RequestID, "it has no InstanceResponses")
	}
	if err != nil {
		return driverkit.Alike(ids, err)
	}
	var items []driverkit.Item
	for _, one := range answer.InstanceResponses.InstanceResponse {
		item := driverkit.Item{ID: one.InstanceID}
		switch one.Code {
		case codeOK:
		case "":
			item.Err = d.kit.Incomplete(ex, answer.RequestID, "it has no code for "+one.InstanceID)
		default:
			item.Err = d.kit.FailOne(
				ex,
				driverkit.APIError{Code: string(one.Code), Message: one.Message, RequestID: answer.RequestID},
			)
		}
		items = append(items, item)
	}
	return d.kit.Outcomes(ex, answer.RequestID, ids, items)
}

// call sends one request, and decodes a good answer into out unless that is nil.
func (d *Driver) call(
	ctx context.Context,
	action string,
	query map[string]string,
	ids []string,
	out any,
) (*driverkit.Exchange, error) {
	request := &openapimodels.OpenApiRequest{Query: make(map[string]*string, len(query))}
	for key, value := range query {
		request.Query[key] = dara.String(value)
	}
	params := &openapimodels.Params{
		Action:      dara.String(action),
		Version:     dara.String(apiVersion),
		Protocol:    dara.String(d.kit.Endpoint.Scheme),
		Method:      dara.String("POST"),
		Pathname:    dara.String("/"),
		AuthType:    dara.String("AK"),
		ReqBodyType: dara.String("formData"),
		BodyType:    dara.String("string"),
		// The bytes sent are those of the style RPC, for which the SDK would
		// write to the shared client in each call.
		Style: dara.String("ROA"),
	}
	ctx, ex := driverkit.Record(ctx)
	result, err := d.send(ctx, params, request, &dara.RuntimeOptions{})
	if err != nil {
		return ex, d.kit.Fail(ctx, ex, ids, err)
	}
	if out == nil {
		return ex, nil
	}
	body, ok := result["body"].(string)
	if !ok {
		return ex, d.kit.Incomplete(ex, "", "it has no body")
	}
	if err := json.Unmarshal([]byte(body), out); err != nil {
		return ex, d.kit.Incomplete(ex, "", err.Error())
	}
	return ex, nil
}
