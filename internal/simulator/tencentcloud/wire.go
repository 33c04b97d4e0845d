// Package tencentcloud speaks the API of Tencent Cloud CVM (version 2017-03-12)
// for the simulator: signature TC3-HMAC-SHA256, parameters, states, limits,
// answers and error codes of the operations on the power state. The token service
// STS (version 2018-08-13) and the metadata service are served too. Instances,
// roles, time and troubles are left to package simulator.
//
// The reference is https://cloud.tencent.com/document/api/213/15689 and the
// comments of the vendor's SDK. Where they leave a behavior open there is a
// switch; see settings.go.
package tencentcloud

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Name is the name of this cloud in the provider.
const Name = "tencentcloud"

// Version is the only version of the API that is served.
const Version = "2017-03-12"

// The states that have a meaning here; the whole list is at
// https://cloud.tencent.com/document/api/213/15753#InstanceStatus.
const (
	pending     = "PENDING"
	running     = "RUNNING"
	stopped     = "STOPPED"
	starting    = "STARTING"
	stopping    = "STOPPING"
	rebooting   = "REBOOTING"
	shutdown    = "SHUTDOWN"
	terminating = "TERMINATING"
	rescueMode  = "RESCUE_MODE"
	migrating   = "SERVICE_LIVE_MIGRATE"
)

// The modes that StopInstances takes and DescribeInstances shows.
const (
	keepCharging  = "KEEP_CHARGING"
	stopCharging  = "STOP_CHARGING"
	notApplicable = "NOT_APPLICABLE"
)

// The ways to pay for an instance that have a meaning here.
const (
	prePaid  = "PREPAID"
	postPaid = "POSTPAID_BY_HOUR"
	spotPaid = "SPOTPAID"
)

// LegacyError is a trouble of this wire alone: the call is refused in the shape
// that the API had before version 3, with Code and Message. The SDKs still
// parse it.
const LegacyError simulator.Kind = "legacy_error"

// Wire is the wire of Tencent Cloud.
type Wire struct {
	cloud *simulator.Cloud
}

var _ simulator.Wire = (*Wire)(nil)

// New returns the wire of an empty cloud that accepts the demo credentials and
// limits calls as documented: 10 writes and 40 reads a second, for each action
// and region.
func New() *Wire {
	cloud := simulator.NewCloud(Name, words(), regions()...)
	cloud.Accept(Keys().All()...)
	cloud.SetDefaultRate(10, time.Second, "StopInstances", "StartInstances", "RebootInstances")
	cloud.SetDefaultRate(40, time.Second, "DescribeInstances", "DescribeInstancesStatus")
	w := &Wire{cloud: cloud}
	w.seedIdentities()
	return w
}

// Cloud implements simulator.Wire.
func (w *Wire) Cloud() *simulator.Cloud { return w.cloud }

func words() simulator.Words {
	return simulator.Words{
		Running: running, Stopped: stopped, Starting: starting, Stopping: stopping, Rebooting: rebooting,
		KeepCharging: keepCharging, StopCharging: stopCharging,
		ChargeType: postPaid, Type: "S5.MEDIUM4", Zone: "-3",
		Conditions: map[simulator.Kind]string{
			simulator.Recycle:       shutdown,
			simulator.InArrears:     shutdown,
			simulator.Rescue:        rescueMode,
			simulator.LiveMigration: migrating,
		},
		Inoperable: []simulator.Trouble{
			{Kind: simulator.Lock, Word: protected}, {Kind: simulator.Rescue}, {Kind: simulator.Recycle},
		},
		Statuses: statuses(), ChargeTypes: []string{prePaid, postPaid, "CDHPAID", spotPaid, "CDCPAID"},
		IDForm: idForm, Extra: map[string][]string{}, Actions: ops(),
		Legal: legal,
		ExtraKinds: map[simulator.Kind]simulator.ExtraKind{LegacyError: {
			Doc: "refuses the call in the shape of API versions before 3", Parameters: []string{"code", "message"},
		}},
		Identity: identityWords(),
		Settings: append(settings(), tokenSettings()...),
	}
}

// statuses are all of https://cloud.tencent.com/document/api/213/15753#InstanceStatus.
func statuses() []string {
	return []string{
		pending, "LAUNCH_FAILED", running, stopped, starting, stopping, rebooting, shutdown, terminating,
		"ENTER_RESCUE_MODE", rescueMode, "EXIT_RESCUE_MODE", "ENTER_SERVICE_LIVE_MIGRATE", migrating,
		"EXIT_SERVICE_LIVE_MIGRATE",
	}
}

// ops are the actions that are served, with what they do.
func ops() map[string]simulator.Op {
	all := map[string]simulator.Op{"cvm": ""}
	for name, a := range actions() {
		all[name] = a.op
	}
	return simulator.WithTokens(all, slices.Collect(maps.Keys(tokenActions()))...)
}

func legal(tx *simulator.Tx, order simulator.Order, status string) bool {
	switch {
	case order.Op == simulator.OpStop && order.Force != simulator.Graceful && status == stopping:
		return tx.Setting(ForceWhileStopping) == Accepted
	case order.Op == simulator.OpStop && status == stopped:
		return tx.Setting(StopWhileStopped) != Refused
	default:
		return tx.Words().DefaultLegal(order, status)
	}
}

// regions are the regions of https://cloud.tencent.com/document/product/213/6091
// that the simulator knows.
func regions() []string {
	return []string{
		"ap-guangzhou", "ap-shanghai", "ap-nanjing", "ap-beijing", "ap-chengdu", "ap-chongqing", "ap-hongkong",
		"ap-singapore", "ap-jakarta", "ap-seoul", "ap-tokyo", "ap-bangkok", "na-siliconvalley", "na-ashburn",
		"eu-frankfurt", "sa-saopaulo", "ap-shanghai-fsi", "ap-shenzhen-fsi",
	}
}

// Match implements simulator.Wire.
func (w *Wire) Match(r *http.Request) bool {
	if r.Header.Get("X-TC-Action") != "" || strings.HasPrefix(r.Header.Get("Authorization"), algorithm) {
		return true
	}
	q := r.URL.Query()
	return q.Get("Action") != "" && q.Get("Version") == Version
}

// Parse implements simulator.Wire.
func (w *Wire) Parse(req *simulator.Request) *simulator.Refusal {
	call := req.Call
	call.Service = "cvm"
	call.Action = commonParameter(req.HTTP, "Action")
	call.Region = commonParameter(req.HTTP, "Region")
	if client := req.HTTP.Header.Get("X-TC-RequestClient"); client != "" {
		call.UserAgent = strings.TrimSpace(call.UserAgent + " " + client)
	}
	spec, known := actions()[call.Action]
	if known {
		call.Op = spec.op
	}
	// The parameters are read before the signature is checked, so that the log
	// of a refused call has its ids, but reported after it.
	params, wrong := readParameters(req, spec)
	if known && wrong == nil {
		req.Params = params
		params.describe(call)
	}
	key, refusal := w.authenticate(req)
	switch {
	case refusal != nil:
		return refusal
	case call.Action == "":
		return missing("Action")
	case !known:
		return refuse("InvalidAction", "The specified action `%s` does not exist.", call.Action)
	}
	if refusal := w.common(req); refusal != nil {
		return refusal
	}
	name := func(id string) string { return resource(call.Region, call.Account, id) }
	if id, denied := key.FirstDenied("cvm:"+call.Action, call.InstanceIDs, name); denied {
		return refuse("UnauthorizedOperation",
			"You are not authorized to perform operation (cvm:%s)\nresource (%s) has no permission", call.Action, name(id))
	}
	if wrong != nil {
		return wrong
	}
	return params.check(spec, w.cloud.Setting(BothForces) == Accepted)
}

// resource is the name of an instance in a policy
// (https://cloud.tencent.com/document/product/598/10606).
func resource(region, account, id string) string {
	return "qcs::cvm:" + region + ":uin/" + account + ":instance/" + id
}

// common checks version and region, which every action needs.
func (w *Wire) common(req *simulator.Request) *simulator.Refusal {
	switch version := commonParameter(req.HTTP, "Version"); version {
	case Version:
	case "":
		return missing("Version")
	default:
		return refuse("NoSuchVersion", "The specified version `%s` does not exist.", version)
	}
	if req.Call.Region == "" {
		return missing("Region")
	}
	if !w.cloud.KnowsRegion(req.Call.Region) {
		return refuse("UnsupportedRegion", "The region `%s` is not supported.", req.Call.Region)
	}
	return nil
}

// commonParameter reads a common parameter from its header, or from the query
// as the older form of GET has it.
func commonParameter(r *http.Request, name string) string {
	if v := r.Header.Get("X-TC-" + name); v != "" {
		return v
	}
	return r.URL.Query().Get(name)
}

// Serve implements simulator.Wire.
func (w *Wire) Serve(req *simulator.Request) simulator.Answer {
	if t := req.Hit(LegacyError); t != nil {
		return legacyError(t)
	}
	params, ok := req.Params.(*parameters)
	if !ok {
		return w.Refuse(req, *refuse("InternalError", "The request was not parsed."))
	}
	switch req.Call.Action {
	case "DescribeInstances":
		return w.describeInstances(req, params)
	case "DescribeInstancesStatus":
		return w.describeInstancesStatus(req, params)
	default:
		return w.operate(req, params)
	}
}
