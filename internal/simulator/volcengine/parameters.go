package volcengine

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The limits of https://docs.byteplus.com/en/docs/ecs/DescribeInstances and of
// https://www.volcengine.com/docs/6396/101067.
const (
	maxIDs         = 100
	defaultPage    = 10
	maxPage        = 100
	maxClientToken = 64
	maxTagged      = 1000
)

// shapeOf is how a parameter looks in a query.
type shapeOf int

const (
	text    shapeOf = iota // Name=value
	boolean                // Name=true
	integer                // Name=10
	list                   // Name.1=a&Name.2=b
	tags                   // Name.1.Key=k&Name.1.Values.1=v
)

// action is what the wire knows about an action: what it does, whether it is
// about one instance, and which parameters it has.
type action struct {
	op       simulator.Op
	singular bool
	fields   map[string]shapeOf
}

func actions() map[string]action {
	plural := func(op simulator.Op, fields map[string]shapeOf) action {
		fields["InstanceIds"], fields["ClientToken"] = list, text
		return action{op: op, fields: fields}
	}
	singular := func(op simulator.Op, fields map[string]shapeOf) action {
		fields["InstanceId"], fields["ClientToken"], fields["DryRun"] = text, text, boolean
		return action{op: op, singular: true, fields: fields}
	}
	type fields = map[string]shapeOf
	return map[string]action{
		"StopInstances":     plural(simulator.OpStop, fields{"ForceStop": boolean, "StoppedMode": text}),
		"StopInstance":      singular(simulator.OpStop, fields{"ForceStop": boolean, "StoppedMode": text}),
		"StartInstances":    plural(simulator.OpStart, fields{}),
		"StartInstance":     singular(simulator.OpStart, fields{}),
		"RebootInstances":   plural(simulator.OpReboot, fields{"ForceStop": boolean}),
		"RebootInstance":    singular(simulator.OpReboot, fields{"ForceStop": boolean}),
		"DescribeInstances": {op: simulator.OpDescribe, fields: describeFields()},
	}
}

// parameters are those of all actions together, in the form that the actions
// use them.
type parameters struct {
	version     string
	sts         tokenParameters // those of the token service
	singular    bool
	ids         []string
	forceStop   *bool
	stoppedMode string
	clientToken string
	dryRun      bool

	maxResults *int
	nextToken  string
	filters    map[string]string   // those with one value
	anyOf      map[string][]string // those with a list of values
	tagFilters []tagFilter

	// fingerprint is the text of all parameters but the client token, to tell
	// whether two calls are the same.
	fingerprint string
}

type tagFilter struct {
	key    string
	values []string
}

// form reads the query of a GET, to which a POST adds the form in its body.
func form(req *simulator.Request) (url.Values, *simulator.Refusal) {
	values, err := url.ParseQuery(req.HTTP.URL.RawQuery)
	if err != nil {
		return values, refuse("InvalidArgument", "The query is malformed.")
	}
	if req.HTTP.Method != http.MethodPost {
		return values, nil
	}
	media, _, err := mime.ParseMediaType(req.HTTP.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return values, refuse("InvalidArgument", "The content type %q is not supported.", req.HTTP.Header.Get("Content-Type"))
	}
	body, err := url.ParseQuery(string(req.Body))
	if err != nil {
		return values, refuse("InvalidArgument", "The body is malformed.")
	}
	for name, all := range body {
		values[name] = append(values[name], all...)
	}
	return values, nil
}

// read decodes the parameters of an action. It goes on after an error, so that
// the log has what could be read, and returns the first.
func (p *parameters) read(values url.Values, spec action, lenient bool) *simulator.Refusal {
	p.singular = spec.singular
	p.filters, p.anyOf = map[string]string{}, map[string][]string{}
	lists := map[string]map[int]string{}
	tagKeys, tagValues := map[int]string{}, map[int]map[int]string{}
	var first *simulator.Refusal
	wrong := func(r *simulator.Refusal) {
		if first == nil {
			first = r
		}
	}
	var sameness strings.Builder
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if key == "Action" || key == "Version" {
			continue
		}
		all := values[key]
		if key != "ClientToken" {
			sameness.WriteString(key + "=" + strings.Join(all, "&") + "\n")
		}
		name, rest, indexed := strings.Cut(key, ".")
		kind, known := spec.fields[name]
		switch {
		case !known && lenient:
		case !known || len(all) != 1 || indexed != (kind == list || kind == tags):
			wrong(invalid(key))
		case kind == list:
			if !putAt(lists, name, rest, all[0]) {
				wrong(invalid(key))
			}
		case kind == tags:
			if !putTag(tagKeys, tagValues, rest, all[0]) {
				wrong(invalid(key))
			}
		case !p.scalar(name, kind, all[0]):
			wrong(invalid(key))
		}
	}
	p.fingerprint = sameness.String()
	for name, items := range lists {
		ordered, ok := inOrder(items)
		if !ok {
			wrong(invalid(name))
		}
		if name == "InstanceIds" {
			p.ids = ordered
			continue
		}
		p.anyOf[name] = ordered
	}
	var ok bool
	if p.tagFilters, ok = tagList(tagKeys, tagValues); !ok {
		wrong(invalid("TagFilters"))
	}
	return first
}

// scalar takes a parameter with one value and reports whether it has the right
// form. A text that is empty is as good as none.
func (p *parameters) scalar(name string, kind shapeOf, value string) bool {
	switch kind {
	case boolean:
		b := strings.EqualFold(value, "true")
		if !b && !strings.EqualFold(value, "false") {
			return false
		}
		if name == "DryRun" {
			p.dryRun = b
			return true
		}
		p.forceStop = &b
	case integer:
		n, err := strconv.Atoi(value)
		if err != nil {
			return false
		}
		p.maxResults = &n
	case text, list, tags:
		switch name {
		case "InstanceId":
			if value != "" {
				p.ids = []string{value}
			}
		case "StoppedMode":
			p.stoppedMode = value
		case "ClientToken":
			p.clientToken = value
		case "NextToken":
			p.nextToken = value
		default:
			if value != "" {
				p.filters[name] = value
			}
		}
	}
	return true
}

func putAt(lists map[string]map[int]string, name, index, value string) bool {
	n, err := strconv.Atoi(index)
	if err != nil || n < 1 {
		return false
	}
	if lists[name] == nil {
		lists[name] = map[int]string{}
	}
	lists[name][n] = value
	return true
}

// putTag takes TagFilters.N.Key or TagFilters.N.Values.M, without its first
// part.
func putTag(keys map[int]string, values map[int]map[int]string, path, value string) bool {
	parts := strings.Split(path, ".")
	n, err := strconv.Atoi(parts[0])
	if err != nil || n < 1 {
		return false
	}
	switch {
	case len(parts) == 2 && parts[1] == "Key":
		keys[n] = value
		return true
	case len(parts) == 3 && parts[1] == "Values":
		m, err := strconv.Atoi(parts[2])
		if err != nil || m < 1 {
			return false
		}
		if values[n] == nil {
			values[n] = map[int]string{}
		}
		values[n][m] = value
		return true
	default:
		return false
	}
}

// inOrder turns the items 1, 2, 3 and so on into a list, and reports whether
// there is no gap.
func inOrder(items map[int]string) ([]string, bool) {
	out := make([]string, 0, len(items))
	for n := 1; n <= len(items); n++ {
		item, ok := items[n]
		if !ok {
			return out, false
		}
		out = append(out, item)
	}
	return out, true
}

func tagList(keys map[int]string, values map[int]map[int]string) ([]tagFilter, bool) {
	ordered, ok := inOrder(keys)
	filters := make([]tagFilter, len(ordered))
	for i, key := range ordered {
		var whole bool
		filters[i].key = key
		filters[i].values, whole = inOrder(values[i+1])
		ok = ok && whole
		delete(values, i+1)
	}
	return filters, ok && len(values) == 0
}
