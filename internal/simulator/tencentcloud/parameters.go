package tencentcloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// maxIDs is how many instances one call may name; maxPage how many one page
// may have; maxQuery how many bytes a GET
// (https://cloud.tencent.com/document/product/1278/46710).
const (
	maxIDs      = 100
	maxPage     = 100
	defaultPage = 20
	maxFilters  = 10
	maxValues   = 5
	maxQuery    = 32 << 10
)

// action is what the wire knows about an action: what it does and which
// parameters it has.
type action struct {
	op     simulator.Op
	fields []string
}

func actions() map[string]action {
	return map[string]action{
		"StopInstances":           {simulator.OpStop, []string{"InstanceIds", "ForceStop", "StopType", "StoppedMode"}},
		"StartInstances":          {simulator.OpStart, []string{"InstanceIds"}},
		"RebootInstances":         {simulator.OpReboot, []string{"InstanceIds", "ForceReboot", "StopType"}},
		"DescribeInstances":       {simulator.OpDescribe, []string{"InstanceIds", "Filters", "Offset", "Limit"}},
		"DescribeInstancesStatus": {simulator.OpDescribe, []string{"InstanceIds", "Offset", "Limit"}},
	}
}

// parameters are those of all actions together.
type parameters struct {
	InstanceIDs []string `json:"InstanceIds"`
	ForceStop   *bool
	ForceReboot *bool
	StopType    *string
	StoppedMode *string
	Filters     []filter
	Offset      *int
	Limit       *int
}

type filter struct {
	Name   string
	Values []string
}

// readParameters decodes the parameters of an action from the JSON body, or
// from the query of a GET.
func readParameters(req *simulator.Request, spec action) (*parameters, *simulator.Refusal) {
	params := &parameters{}
	if refusal := decode(req, spec.fields, params); refusal != nil {
		return nil, refusal
	}
	return params, nil
}

// decode reads the parameters of the given names into a struct that has a field
// for each.
func decode(req *simulator.Request, names []string, into any) *simulator.Refusal {
	data := req.Body
	switch req.HTTP.Method {
	case http.MethodGet:
		if len(req.HTTP.URL.RawQuery) > maxQuery {
			return refuse("RequestSizeLimitExceeded", "The size of the request exceeds the limit of %d bytes.", maxQuery)
		}
		data = queryJSON(req.HTTP.URL.Query())
	case http.MethodPost:
		media, _, err := mime.ParseMediaType(req.HTTP.Header.Get("Content-Type"))
		if err != nil || media != "application/json" {
			return refuse("UnsupportedProtocol", "The content type `%s` is not supported.", req.HTTP.Header.Get("Content-Type"))
		}
	default:
		return refuse("UnsupportedProtocol", "The HTTP method `%s` is not supported.", req.HTTP.Method)
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return refuse("InvalidRequest", "The request body is not valid JSON.")
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(names, name) {
			return refuse("UnknownParameter", "The parameter `%s` is not recognized.", name)
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) {
			return refuse("InvalidParameter", "The value type of parameter `%s` is not valid.", wrongType.Field)
		}
		return refuse("UnknownParameter", "The parameter is not recognized: %v.", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return refuse("InvalidRequest", "The request body is not valid JSON.")
	}
	return nil
}

// commonNames are the common parameters that a GET has among the others.
var commonNames = []string{
	"Action", "Version", "Region", "Timestamp", "Nonce", "Language", "Token", "RequestClient", "SecretId",
}

// queryJSON turns a query such as InstanceIds.0=a&Filters.0.Values.0=b into
// JSON. An index that leaves a gap is a key that no parameter has.
func queryJSON(query url.Values) []byte {
	root := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(query)) {
		if slices.Contains(commonNames, key) {
			continue
		}
		put(root, strings.Split(key, "."), scalar(key, query.Get(key)))
	}
	body, err := json.Marshal(lists(root))
	if err != nil {
		// Maps of text, numbers and booleans always have a JSON form.
		return nil
	}
	return body
}

func put(node map[string]any, path []string, value any) {
	if len(path) == 1 {
		node[path[0]] = value
		return
	}
	child, ok := node[path[0]].(map[string]any)
	if !ok {
		child = map[string]any{}
		node[path[0]] = child
	}
	put(child, path[1:], value)
}

// lists turns a node whose keys are 0, 1, 2 and so on into a list.
func lists(v any) any {
	node, ok := v.(map[string]any)
	if !ok {
		return v
	}
	list := make([]any, 0, len(node))
	for i := range len(node) {
		item, ok := node[strconv.Itoa(i)]
		if !ok {
			break
		}
		list = append(list, lists(item))
	}
	if len(node) > 0 && len(list) == len(node) {
		return list
	}
	for key, item := range node {
		node[key] = lists(item)
	}
	return node
}

// scalar gives a value of a query the type that its parameter has in JSON.
func scalar(key, text string) any {
	switch key {
	case "Offset", "Limit", "DurationSeconds":
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	case "ForceStop", "ForceReboot":
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	}
	return text
}

// describe tells the log what the request asks for.
func (p *parameters) describe(call *simulator.Call) {
	call.InstanceIDs = slices.Clone(p.InstanceIDs)
	if p.StoppedMode != nil {
		call.StoppedMode = *p.StoppedMode
	}
	if call.Op == simulator.OpStop || call.Op == simulator.OpReboot {
		call.Force, call.ForceExplicit = p.force()
	}
}

// force is what the call does to the guest. The default of StopType is SOFT,
// and the deprecated ForceStop means a power cut after a shutdown that failed
// (SDK source, StopInstancesRequest).
func (p *parameters) force() (force simulator.Force, explicit bool) {
	if p.StopType != nil {
		switch *p.StopType {
		case "HARD":
			return simulator.Forced, true
		case "SOFT_FIRST":
			return simulator.FirstGraceful, true
		default:
			return simulator.Graceful, true
		}
	}
	for _, deprecated := range []*bool{p.ForceStop, p.ForceReboot} {
		if deprecated != nil && *deprecated {
			return simulator.FirstGraceful, true
		}
	}
	return simulator.Graceful, p.ForceStop != nil || p.ForceReboot != nil
}

// The form of an instance id; see
// https://cloud.tencent.com/document/api/213/15688.
var idForm = regexp.MustCompile(`^ins-[0-9a-z]{8,}$`)

// check applies the rules about parameters that do not depend on an instance.
// BothForces says that StopType may come together with the parameter that it replaces.
func (p *parameters) check(spec action, bothForces bool) *simulator.Refusal {
	if spec.op.Write() && len(p.InstanceIDs) == 0 {
		return missing("InstanceIds")
	}
	if len(p.InstanceIDs) > maxIDs {
		return refuse("InvalidParameterValue.LimitExceeded",
			"The number of `InstanceIds` is %d, which exceeds the limit of %d.", len(p.InstanceIDs), maxIDs)
	}
	for _, id := range p.InstanceIDs {
		if !strings.HasPrefix(id, "ins-") {
			return refuse("InvalidParameterValue.InstanceIdMalformed", "The instance ID `%s` is malformed.", id)
		}
		if !idForm.MatchString(id) {
			return refuse("InvalidInstanceId.Malformed", "The instance ID `%s` is malformed.", id)
		}
	}
	if p.StopType != nil && (p.ForceStop != nil || p.ForceReboot != nil) && !bothForces {
		return refuse("InvalidParameterCombination",
			"`StopType` cannot be specified together with the deprecated force parameter.")
	}
	if p.StopType != nil && !slices.Contains([]string{"SOFT", "HARD", "SOFT_FIRST"}, *p.StopType) {
		return refuse("InvalidParameterValue", "The value `%s` of `StopType` is not valid.", *p.StopType)
	}
	if p.StoppedMode != nil && *p.StoppedMode != keepCharging && *p.StoppedMode != stopCharging {
		return refuse("InvalidParameterValue", "The value `%s` of `StoppedMode` is not valid.", *p.StoppedMode)
	}
	return p.checkPage()
}

func (p *parameters) checkPage() *simulator.Refusal {
	if p.Offset != nil && *p.Offset < 0 {
		return refuse("InvalidParameterValue", "The value `%d` of `Offset` is not valid.", *p.Offset)
	}
	if p.Limit != nil && *p.Limit > maxPage {
		return refuse("InvalidParameterValue.LimitExceeded", "The value `%d` of `Limit` exceeds %d.", *p.Limit, maxPage)
	}
	if p.Limit != nil && *p.Limit < 1 {
		return refuse("InvalidParameterValue", "The value `%d` of `Limit` is not valid.", *p.Limit)
	}
	if len(p.Filters) == 0 {
		return nil
	}
	if len(p.InstanceIDs) > 0 {
		return refuse("InvalidParameterCombination", "`InstanceIds` and `Filters` cannot be specified together.")
	}
	if len(p.Filters) > maxFilters {
		return refuse("InvalidFilterValue.LimitExceeded", "The number of `Filters` exceeds %d.", maxFilters)
	}
	for _, f := range p.Filters {
		if len(f.Values) > maxValues {
			return refuse("InvalidFilterValue.LimitExceeded", "The number of `Values` of the filter `%s` exceeds %d.", f.Name,
				maxValues)
		}
		if !f.known() {
			return refuse("InvalidFilter", "The filter `%s` is not supported.", f.Name)
		}
	}
	return nil
}
