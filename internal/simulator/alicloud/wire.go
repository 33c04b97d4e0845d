// Package alicloud speaks the API of Alibaba Cloud ECS (version 2014-05-26) for
// the simulator: the signatures ACS3-HMAC-SHA256 and RPC HMAC-SHA1, parameters,
// states, limits, answers and error codes of the operations on the power state.
// The token service STS (version 2015-04-01) and the metadata service are served
// too. Instances, roles, time and troubles are left to package simulator.
//
// The reference is https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-overview
// and the comments of the vendor's SDK. Where they leave a behavior open, or
// disagree, there is a switch; see settings.go.
package alicloud

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Name is the name of this cloud in the provider.
const Name = "alicloud"

// Version is the only version of the API that is served.
const Version = "2014-05-26"

// The states of an instance that have a meaning here; Pending is one in which
// nothing is allowed. There is none for a released one: it disappears
// (https://www.alibabacloud.com/help/en/ecs/user-guide/lifecycle-of-an-ecs-instance).
const (
	starting = "Starting"
	running  = "Running"
	stopping = "Stopping"
	stopped  = "Stopped"
)

// The modes that a stop takes and DescribeInstances shows.
const (
	keepCharging  = "KeepCharging"
	stopCharging  = "StopCharging"
	notApplicable = "Not-applicable"
)

// The ways to pay for an instance.
const (
	postPaid = "PostPaid"
	prePaid  = "PrePaid"
)

// The reasons for a lock that DescribeInstances shows in OperationLocks.
const (
	lockFinancial     = "financial"
	lockSecurity      = "security"
	lockRecycling     = "recycling"
	lockHostFinancial = "dedicatedhostfinancial"
	lockRefunded      = "refunded"
)

// maxSkew is how far the time of a request may be off; see the page of
// InvalidTimeStamp.Expired at https://api.aliyun.com/troubleshoot.
const maxSkew = 15 * time.Minute

// Wire is the wire of Alibaba Cloud.
type Wire struct {
	cloud  *simulator.Cloud
	nonces nonces
}

var _ simulator.Wire = (*Wire)(nil)

// New returns the wire of an empty cloud that accepts the demo credentials.
// Calls are not limited: the limits of an account are in its Quota Center and
// on no page.
func New() *Wire {
	cloud := simulator.NewCloud(Name, words(), regions()...)
	cloud.Accept(Keys().All()...)
	cloud.SetMaxSkew(maxSkew)
	first := firstIdentities()
	cloud.MustSeed(first.Providers(), first.Roles())
	return &Wire{cloud: cloud}
}

// Cloud implements simulator.Wire.
func (w *Wire) Cloud() *simulator.Cloud { return w.cloud }

func words() simulator.Words {
	return simulator.Words{
		Running: running, Stopped: stopped, Starting: starting, Stopping: stopping,
		RebootStepsFor: rebootSteps,
		KeepCharging:   keepCharging, StopCharging: stopCharging,
		ChargeType: postPaid, Type: "ecs.g7.large", Zone: "-i",
		// An instance that has expired, or is about to be released, reads back as
		// Stopped; its lock says why.
		Conditions: map[simulator.Kind]string{
			simulator.InArrears: stopped,
			simulator.Recycle:   stopped,
		},
		// A lock for security reasons may allow a stop: see SecurityLockStop.
		Inoperable: []simulator.Trouble{
			{Kind: simulator.Lock, Word: lockFinancial}, {Kind: simulator.Lock, Word: lockRefunded},
		},
		Statuses: []string{"Pending", starting, running, stopping, stopped}, ChargeTypes: []string{postPaid, prePaid},
		Locks:  []string{lockFinancial, lockSecurity, lockRecycling, lockHostFinancial, lockRefunded},
		IDForm: idForm, Extra: map[string][]string{}, Actions: ops(),
		Regionless: append(slices.Collect(maps.Keys(tokenActions())), simulator.TokenService),
		Legal:      legal, LockAllows: lockAllows, Settings: append(settings(), tokenSettings()...),
		Identity: identityWords(),
	}
}

// ops are the actions that are served, with what they do.
func ops() map[string]simulator.Op {
	all := map[string]simulator.Op{"ecs": ""}
	for name, a := range actions() {
		all[name] = a.op
	}
	return simulator.WithTokens(all, slices.Collect(maps.Keys(tokenActions()))...)
}

// rebootSteps are the words of a reboot. The brief Stopped has the smallest
// part.
func rebootSteps(tx *simulator.Tx) []string {
	switch tx.Setting(RebootSteps) {
	case StartingOnly:
		return []string{starting}
	case RunningFirst:
		return []string{running, stopping, stopping, stopped, starting, starting}
	default:
		return []string{stopping, stopping, stopped, starting, starting}
	}
}

func legal(tx *simulator.Tx, order simulator.Order, status string) bool {
	switch {
	case order.Op == simulator.OpStop && order.Force == simulator.Forced && status == stopping:
		return tx.Setting(ForceWhileStopping) == Accepted
	case order.Op == simulator.OpStop && status == stopped:
		return tx.Setting(StopWhileStopped) != Refused
	case order.Op == simulator.OpStart && status == running:
		return tx.Setting(StartWhileRunning) != Refused
	default:
		return tx.Words().DefaultLegal(order, status)
	}
}

// lockAllows knows the one lock about which the pages disagree; see
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-behavior-when-an-instance-is-locked-for-security-reasons.
func lockAllows(tx *simulator.Tx, op simulator.Op, lock string) bool {
	return lock == lockSecurity && op == simulator.OpStop && tx.Setting(SecurityLockStop) == Accepted
}

// regions are those of https://www.alibabacloud.com/help/en/ecs/product-overview/regions-and-zones
// that the simulator knows.
func regions() []string {
	return []string{
		"cn-hangzhou", "cn-shanghai", "cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-huhehaote", "cn-wulanchabu",
		"cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-chengdu", "cn-nanjing", "cn-hongkong", "ap-southeast-1",
		"ap-southeast-3", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ap-northeast-1", "ap-northeast-2",
		"us-west-1", "us-east-1", "eu-central-1", "eu-west-1", "me-east-1", "cn-shanghai-finance-1", "cn-north-2-gov-1",
	}
}

// Match implements simulator.Wire.
func (w *Wire) Match(r *http.Request) bool {
	if r.Header.Get("X-Acs-Action") != "" || r.Header.Get("X-Acs-Version") != "" ||
		strings.HasPrefix(r.Header.Get("Authorization"), "ACS3-") {
		return true
	}
	q := r.URL.Query()
	return q.Get("Version") == Version || q.Has("AccessKeyId") && q.Has("SignatureMethod")
}

// Parse implements simulator.Wire.
func (w *Wire) Parse(req *simulator.Request) *simulator.Refusal {
	call := req.Call
	call.Service = "ecs"
	call.RequestID = strings.ToUpper(call.RequestID)
	p := &parameters{}
	req.Params = p
	message := read(req)
	p.message = message
	call.Action = message.common("x-acs-action", "Action")
	spec, known := actions()[call.Action]
	call.Op = simulator.OpOther
	if known {
		call.Op = spec.op
	}
	// The parameters are read before the signature is checked, so that the log
	// of a refused call has its ids, but reported after it.
	wrong := p.fill(spec, w.cloud)
	p.describe(call, spec)

	key, refusal := w.authenticate(req, message)
	if refusal != nil {
		return refusal
	}
	if refusal := route(req, message, known); refusal != nil {
		return refusal
	}
	if call.Region != "" && !w.cloud.KnowsRegion(call.Region) {
		return refuse("InvalidRegionId.NotFound")
	}
	if refusal := w.authorize(call, p, key); refusal != nil {
		return refusal
	}
	return wrong
}

// resource is the name of an instance in a policy
// (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ram).
func resource(region, account, id string) string {
	return "acs:ecs:" + region + ":" + account + ":instance/" + id
}

// authorize checks what the policy of a key permits. DescribeInstances leaves
// out what the caller may not see, which is no error (comment of the operation
// in the SDK source).
func (w *Wire) authorize(call *simulator.Call, p *parameters, key simulator.Credential) *simulator.Refusal {
	permission := "ecs:" + call.Action
	p.visible = func(simulator.Instance) bool { return true }
	name := func(id string) string {
		region := call.Region
		if i, ok := w.cloud.Instance(id); ok && region == "" {
			region = i.Region
		}
		return resource(region, call.Account, id)
	}
	switch {
	case call.Action == describeInstances && !p.dryRun:
		p.visible = func(i simulator.Instance) bool { return key.Allows(permission, resource(i.Region, call.Account, i.ID)) }
		return nil
	case call.Action == describeInstanceStatus:
		// It can be granted for all instances together, and in no other way.
		name = func(string) string { return "*" }
	}
	if _, denied := key.FirstDenied(permission, call.InstanceIDs, name); denied {
		return refuse("Forbidden.RAM")
	}
	return nil
}

// route checks what comes before an action: method, path, version and name.
func route(req *simulator.Request, message *message, known bool) *simulator.Refusal {
	if !slices.Contains([]string{http.MethodGet, http.MethodPost}, req.HTTP.Method) {
		return refuse("UnsupportedHTTPMethod")
	}
	version := message.common("x-acs-version", "Version")
	switch {
	case req.Call.Action == "":
		return missing("Action")
	case version == "":
		return missing("Version")
	case version != Version:
		return refuse("InvalidVersion")
	case !known, req.HTTP.URL.Path != "/" && req.HTTP.URL.Path != "":
		return refuse("InvalidAction.NotFound")
	default:
		return nil
	}
}

// Serve implements simulator.Wire.
func (w *Wire) Serve(req *simulator.Request) simulator.Answer {
	p := parametersOf(req)
	switch req.Call.Action {
	case describeInstances:
		return w.describeInstances(req, p)
	case describeInstanceStatus:
		return w.describeInstanceStatus(req, p)
	case describeInstanceAttribute:
		return w.describeInstanceAttribute(req, p)
	default:
		return w.operate(req, p)
	}
}

// The form of an instance id, for example i-bp67acfmxazb4ph****
// (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-stopinstances).
var idForm = regexp.MustCompile(`^i-[0-9a-z-]+$`)
