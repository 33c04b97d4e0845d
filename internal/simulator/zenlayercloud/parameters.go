package zenlayercloud

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

const (
	maxIDs      = 100  // of one call
	defaultPage = 20   // pageSize when it is left out
	maxPage     = 1000 // the largest pageSize
	maxTags     = 20   // tags, and tagKeys, of one filter
)

// action is what the wire knows about an action: what it does and which
// parameters it has.
type action struct {
	op     simulator.Op
	fields []string
}

// actions are those of one version of a service. The parameters are those of
// the SDK's request types; forceReboot alone is from the page of zec
// RebootInstances, no SDK has it.
func actions(service, version string) map[string]action {
	if !slices.Contains(versionsOf(service), version) {
		return nil
	}
	page := []string{"instanceIds", "pageSize", "pageNum"}
	more := func(fields ...string) []string { return slices.Concat(page, fields) }
	all := map[string]action{
		"StopInstances":           {simulator.OpStop, []string{"instanceIds", "forceShutdown"}},
		"StartInstances":          {simulator.OpStart, []string{"instanceIds"}},
		"RebootInstances":         {simulator.OpReboot, []string{"instanceIds"}},
		"DescribeInstancesStatus": {simulator.OpDescribe, page},
		"DescribeInstances": {simulator.OpDescribe, more(
			"zoneId", "resourceGroupId", "instanceType", "internetChargeType", "imageId", "keyId", "subnetId", "instanceStatus",
			"instanceName", "securityGroupId", "publicIpAddresses", "privateIpAddresses", "tagKeys", "tags",
		)},
	}
	if service == ZEC {
		all["DescribeInstancesStatus"] = action{simulator.OpDescribe, more("resourceGroupId")}
		fields := more("zoneId", "imageId", "status", "name", "ipv4Address", "ipv6Address", "resourceGroupId")
		if version == zecNew {
			fields = append(fields, "tagKeys", "tags")
			all["RebootInstances"] = action{simulator.OpReboot, []string{"instanceIds", "forceReboot"}}
		}
		all["DescribeInstances"] = action{simulator.OpDescribe, fields}
	}
	return all
}

// parameters are those of all actions together.
type parameters struct {
	ids                        []string
	forceShutdown, forceReboot *bool
	pageSize, pageNum          *int
	tagKeys                    []string
	tags                       []tag
	// text and lists are the filters with one value and with several.
	text  map[string]string
	lists map[string][]string

	unwrapped bool // Unwrapped hit this call
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// readParameters reads the body. It returns what it could read even when
// something is wrong with the rest.
func readParameters(body []byte, spec action) (*parameters, *simulator.Refusal) {
	p := &parameters{text: map[string]string{}, lists: map[string][]string{}}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &fields); err != nil {
		return p, refuse(invalidParameter, "The request body is not a valid JSON object.")
	}
	var wrong *simulator.Refusal
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		refusal := p.read(name, fields[name], slices.Contains(spec.fields, name))
		if wrong == nil {
			wrong = refusal
		}
	}
	return p, wrong
}

// read reads one parameter. A null is the same as leaving it out.
func (p *parameters) read(name string, value json.RawMessage, known bool) *simulator.Refusal {
	if !known {
		return refuse(invalidParameter, "The parameter `%s` is not supported.", name)
	}
	if bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
		return nil
	}
	if err := p.decode(name, value); err != nil {
		return refuse(invalidParameter, "The type of the parameter `%s` is not valid.", name)
	}
	return nil
}

func (p *parameters) decode(name string, value json.RawMessage) error {
	switch name {
	case "instanceIds":
		return json.Unmarshal(value, &p.ids)
	case "forceShutdown":
		return json.Unmarshal(value, &p.forceShutdown)
	case "forceReboot":
		return json.Unmarshal(value, &p.forceReboot)
	case "pageSize":
		return json.Unmarshal(value, &p.pageSize)
	case "pageNum":
		return json.Unmarshal(value, &p.pageNum)
	case "tagKeys":
		return json.Unmarshal(value, &p.tagKeys)
	case "tags":
		return json.Unmarshal(value, &p.tags)
	case "publicIpAddresses", "privateIpAddresses":
		var list []string
		err := json.Unmarshal(value, &list)
		p.lists[name] = list
		return err
	default:
		var text string
		err := json.Unmarshal(value, &text)
		p.text[name] = text
		return err
	}
}

// describe tells the log what the request asks for.
func (p *parameters) describe(call *simulator.Call, spec action) {
	call.InstanceIDs = slices.Clone(p.ids)
	switch spec.op {
	case simulator.OpStop:
		// Leaving forceShutdown out means true
		// (https://docs.console.zenlayer.com/api-reference/compute/zec/instance/stopinstances,
		// and for vm the SDK source, vm20260401.StopInstancesRequest).
		call.Force, call.ForceExplicit = force(p.forceShutdown, simulator.Forced)
	case simulator.OpReboot:
		call.Force, call.ForceExplicit = force(p.forceReboot, simulator.Graceful)
		// An action without such a parameter leaves nothing to a default.
		call.ForceExplicit = call.ForceExplicit || !slices.Contains(spec.fields, "forceReboot")
	case simulator.OpDescribe, simulator.OpStart, simulator.OpOther:
	}
}

func force(said *bool, usual simulator.Force) (f simulator.Force, explicit bool) {
	switch {
	case said == nil:
		return usual, false
	case *said:
		return simulator.Forced, true
	default:
		return simulator.Graceful, true
	}
}

// check applies the rules about parameters that do not depend on an instance.
func (p *parameters) check(spec action) *simulator.Refusal {
	switch {
	case spec.op.Write() && len(p.ids) == 0:
		return refuse(missingParameter, "The parameter `instanceIds` is required.")
	case len(p.ids) > maxIDs:
		return refuse(invalidParameter, "The parameter `instanceIds` has `%d` values, the maximum is %d.", len(p.ids), maxIDs)
	case slices.Contains(p.ids, ""):
		return refuse(invalidParameter, "The parameter `instanceIds` has an empty value.")
	case p.pageSize != nil && (*p.pageSize < 1 || *p.pageSize > maxPage):
		return refuse(invalidParameter, "The value `%d` of `pageSize` is not from 1 to %d.", *p.pageSize, maxPage)
	case p.pageNum != nil && *p.pageNum < 1:
		return refuse(invalidParameter, "The value `%d` of `pageNum` is less than 1.", *p.pageNum)
	case len(p.tagKeys) > maxTags:
		return refuse(invalidParameter, "The parameter `tagKeys` has `%d` values, the maximum is %d.", len(p.tagKeys),
			maxTags)
	case len(p.tags) > maxTags:
		return refuse(invalidParameter, "The parameter `tags` has `%d` values, the maximum is %d.", len(p.tags), maxTags)
	default:
		return nil
	}
}

// isJSON takes the content type with and without a character set, as the
// vendor's SDKs send it.
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}
