package alicloud

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// maxIDs is how many instances one call may name.
const maxIDs = 100

// The values of BatchOptimization.
const (
	allTogether  = "AllTogether"
	successFirst = "SuccessFirst"
)

// parameters are those of all actions together.
type parameters struct {
	message *message
	single  bool
	// visible reports whether the caller may see an instance.
	visible func(simulator.Instance) bool

	ids         []string
	force       *bool
	stoppedMode string
	batch       string
	dryRun      bool

	pageNumber, pageSize, maxResults *int

	// sts are those of the token service.
	sts tokenParameters

	tags      []tag
	filters   map[string]string   // those by one value that are given
	addresses map[string][]string // by the name of the parameter
}

type tag struct{ key, value string }

// parametersOf returns what Parse read.
func parametersOf(req *simulator.Request) *parameters {
	if p, ok := req.Params.(*parameters); ok {
		return p
	}
	return &parameters{message: read(req)}
}

// fill reads the parameters of an action and returns the first thing that is
// wrong with them. What can be read is there in any case.
func (p *parameters) fill(spec action, cloud *simulator.Cloud) *simulator.Refusal {
	f := &filling{message: p.message}
	p.single = spec.single
	if cloud.Setting(UnknownParameter) == Refused {
		f.unknown(spec)
	}
	for _, name := range spec.required {
		if p.message.get(name) == "" {
			f.refuse(missing(name))
		}
	}
	p.ids = f.ids(spec)
	p.force = f.boolean(spec.force)
	p.stoppedMode = f.oneOf("StoppedMode", keepCharging, stopCharging)
	p.batch = f.oneOf("BatchOptimization", allTogether, successFirst)
	dryRun := f.boolean("DryRun")
	p.dryRun = dryRun != nil && *dryRun
	p.pageNumber, p.pageSize, p.maxResults = f.number("PageNumber"), f.number("PageSize"), f.number("MaxResults")
	p.tags = f.tags()
	p.filters = f.filters()
	p.addresses = f.addresses()
	for _, name := range []string{"ConfirmStop", "InitLocalDisk"} {
		f.boolean(name)
	}
	if hibernate := f.boolean("Hibernate"); hibernate != nil && *hibernate {
		// Only for accounts that were invited.
		f.refuse(refuse("HibernationConfigured.NotEnabled"))
	}
	f.check(p.ids, spec, cloud)
	return f.refusal
}

// describe tells the log what the request asks for.
func (p *parameters) describe(call *simulator.Call, spec action) {
	call.Region = p.message.get("RegionId")
	call.InstanceIDs = slices.Clone(p.ids)
	call.DryRun = p.dryRun
	call.StoppedMode = p.stoppedMode
	if spec.force != "" {
		call.Force, call.ForceExplicit = simulator.Graceful, p.force != nil
		if p.forced() {
			call.Force = simulator.Forced
		}
	}
}

func (p *parameters) forced() bool { return p.force != nil && *p.force }

// filling reads parameters one by one and keeps the first refusal.
type filling struct {
	message *message
	refusal *simulator.Refusal
}

func (f *filling) refuse(r *simulator.Refusal) {
	if f.refusal == nil {
		f.refusal = r
	}
}

// The number in the name of a parameter of a list counts from one.
var listNumber = regexp.MustCompile(`\.([1-9][0-9]{0,3})(\.|$)`)

// unknown refuses a parameter that the action does not have.
func (f *filling) unknown(spec action) {
	all := slices.Concat(commonNames(), spec.required, spec.optional)
	for _, name := range f.message.names() {
		if !slices.Contains(all, listNumber.ReplaceAllString(name, ".N$2")) {
			f.refuse(invalid(name))
		}
	}
}

func (f *filling) boolean(name string) *bool {
	if name == "" || !f.message.has(name) {
		return nil
	}
	text := strings.ToLower(f.message.get(name))
	if text != "true" && text != "false" {
		f.refuse(invalid(name))
		return nil
	}
	v := text == "true"
	return &v
}

func (f *filling) number(name string) *int {
	if !f.message.has(name) {
		return nil
	}
	n, err := strconv.Atoi(f.message.get(name))
	if err != nil {
		f.refuse(invalid(name))
		return nil
	}
	return &n
}

func (f *filling) oneOf(name string, values ...string) string {
	text := f.message.get(name)
	if text != "" && !slices.Contains(values, text) {
		f.refuse(invalid(name))
	}
	return text
}

// list returns the values of the parameters prefix.1 suffix, prefix.2 suffix
// and so on, in the order of their numbers.
func (f *filling) list(prefix, suffix string) map[int]string {
	values := map[int]string{}
	for _, name := range f.message.names() {
		middle, ok := strings.CutPrefix(name, prefix+".")
		if !ok {
			continue
		}
		if middle, ok = strings.CutSuffix(middle, suffix); !ok {
			continue
		}
		if n, err := strconv.Atoi(middle); err == nil && n > 0 {
			values[n] = f.message.get(name)
		}
	}
	return values
}

// ids returns the instances that the request names in one of the three ways:
// InstanceId, InstanceId.1 and so on, or a JSON list in InstanceIds.
func (f *filling) ids(spec action) []string {
	if spec.single {
		if id := f.message.get("InstanceId"); id != "" {
			return []string{id}
		}
		return nil
	}
	if slices.Contains(spec.optional, "InstanceIds") {
		return f.texts("InstanceIds", "Abs.InvalidInstanceIds.MalFormed")
	}
	values := f.list("InstanceId", "")
	var ids []string
	for _, n := range slices.Sorted(maps.Keys(values)) {
		ids = append(ids, values[n])
	}
	return ids
}

// texts reads a parameter that is a JSON list of texts.
func (f *filling) texts(name, code string) []string {
	text := f.message.get(name)
	if text == "" {
		return nil
	}
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		f.refuse(refuse(code))
		return nil
	}
	if len(list) == 0 {
		// An empty list names nothing; it does not ask for everything.
		f.refuse(emptyList())
	}
	return list
}

// emptyList is the 403 of the code whose usual status is 404.
func emptyList() *simulator.Refusal {
	return &simulator.Refusal{
		Code: "InvalidInstanceId.NotFound", Status: 403, Message: "The specified list of InstanceId is empty.",
	}
}

func (f *filling) tags() []tag {
	keys, values := f.list("Tag", ".Key"), f.list("Tag", ".Value")
	var tags []tag
	for _, n := range slices.Sorted(maps.Keys(keys)) {
		tags = append(tags, tag{keys[n], values[n]})
	}
	for n := range values {
		if keys[n] == "" {
			f.refuse(missing("Tag." + strconv.Itoa(n) + ".Key"))
		}
	}
	return tags
}

func (f *filling) filters() map[string]string {
	given := map[string]string{}
	for name := range filters(simulator.Instance{}) {
		if want := f.message.get(name); want != "" {
			given[name] = want
		}
	}
	return given
}

func (f *filling) addresses() map[string][]string {
	all := map[string][]string{}
	for _, name := range []string{"PrivateIpAddresses", "PublicIpAddresses", "EipAddresses", "InnerIpAddresses"} {
		if list := f.texts(name, "InvalidParameter"); len(list) > 0 {
			all[name] = list
		}
	}
	return all
}

// check applies the rules about ids that do not depend on an instance.
func (f *filling) check(ids []string, spec action, cloud *simulator.Cloud) {
	if spec.op.Write() && !spec.single && len(ids) == 0 {
		if cloud.Setting(NoIDs) == Empty {
			f.refuse(emptyList())
		}
		f.refuse(missing("InstanceId"))
	}
	if len(ids) > maxIDs {
		f.refuse(refuse("InvalidParameter.TooManyInstanceIds"))
	}
	if cloud.Setting(MalformedID) == Malformed && slices.ContainsFunc(ids, func(id string) bool {
		return !idForm.MatchString(id)
	}) {
		f.refuse(refuse("Abs.InvalidInstanceIds.MalFormed"))
	}
}
