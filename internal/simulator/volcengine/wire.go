// Package volcengine speaks the API of Volcengine ECS (version 2020-04-01) for
// the simulator: signature HMAC-SHA256, parameters, states, limits, client
// tokens, answers and error codes of the operations on the power state.
// The token service STS (version 2018-01-01) and the metadata service are served
// too. Instances, roles, time and troubles are left to package simulator.
//
// The reference is https://www.volcengine.com/docs/6396 (StopInstances 101067,
// StartInstances 101068, StopInstance 70468, StartInstance 70467), its twin
// https://docs.byteplus.com/en/docs/ecs/DescribeInstances, and the vendor's Go
// SDK. Where they leave a behavior open there is a switch; see Settings.
package volcengine

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Name is the name of this cloud in the provider.
const Name = "volcengine"

// Version is the only version of the API that is served, Service the name that
// requests are signed for.
const (
	Version = "2020-04-01"
	Service = "ecs"
)

// The states that have a meaning here. The others of the list at
// https://docs.byteplus.com/en/docs/ecs/DescribeInstances (CREATING, REBUILDING,
// RESIZING, DELETING) can be seeded and allow nothing.
const (
	running   = "RUNNING"
	stopped   = "STOPPED"
	starting  = "STARTING"
	stopping  = "STOPPING"
	rebooting = "REBOOTING"
	errorWord = "ERROR"

	// migrating is a guess: the lifecycle page has the state, and no page has
	// the word of the API for it.
	migrating = "MIGRATING"
)

// The modes that StopInstances takes and DescribeInstances shows.
const (
	keepCharging  = "KeepCharging"
	stopCharging  = "StopCharging"
	notApplicable = "NotApplicable"
)

// The ways to pay for an instance.
const (
	postPaid = "PostPaid"
	prePaid  = "PrePaid"
)

// Troubles of this wire alone.
const (
	// IdempotentProcessing refuses a write that has a client token because the
	// first call with the token is still served. With Effect the call takes
	// effect, and repeating it with the same token answers what came of it.
	IdempotentProcessing simulator.Kind = "idempotent_processing"
	// NoErrorObject refuses the call with a body whose metadata have no error,
	// with which the vendor's SDK panics. Status is that of HTTP.
	NoErrorObject simulator.Kind = "no_error_object"
	// SimpleError refuses the call with the short body {"HTTPCode","errorcode",
	// "message"}, which the vendor's SDK knows too (volcengine/response).
	SimpleError simulator.Kind = "simple_error"
	// MissingDetail leaves an instance out of the OperationDetails of a call
	// that took effect on it.
	MissingDetail simulator.Kind = "missing_detail"
)

// maxSkew is how far a signature's time may be off: the default of X-Expires
// (https://www.volcengine.com/docs/6758/155088).
const maxSkew = 15 * time.Minute

// Wire is the wire of Volcengine.
type Wire struct {
	cloud *simulator.Cloud
}

var _ simulator.Wire = (*Wire)(nil)

// New returns the wire of an empty cloud that accepts the demo credentials. It
// limits the rates of exchanges alone, since no page gives numbers for others.
func New() *Wire {
	cloud := simulator.NewCloud(Name, words(), regions()...)
	cloud.Accept(Keys().All()...)
	cloud.SetMaxSkew(maxSkew)
	cloud.SetDefaultRate(200, time.Second, assumeRole, assumeRoleWithOIDC)
	first := firstIdentities()
	cloud.MustSeed(first.Providers(), first.Roles())
	return &Wire{cloud: cloud}
}

// Cloud implements simulator.Wire.
func (w *Wire) Cloud() *simulator.Cloud { return w.cloud }

func words() simulator.Words {
	return simulator.Words{
		Running: running, Stopped: stopped, Starting: starting, Stopping: stopping, Rebooting: rebooting,
		KeepCharging: keepCharging, StopCharging: stopCharging,
		// The public address stays the same over a stop of either mode
		// (https://www.volcengine.com/docs/6396/101067).
		KeepsPublicIP: true,
		ChargeType:    postPaid, Type: "ecs.g3i.large", Zone: "-a",
		Conditions: map[simulator.Kind]string{simulator.LiveMigration: migrating},
		Inoperable: []simulator.Trouble{{Kind: simulator.UnknownWord, Word: errorWord}},
		Statuses:   statuses(), ChargeTypes: []string{postPaid, prePaid}, Actions: ops(),
		Extra: map[string][]string{
			extraScheduled: {notScheduled, "Esi", "Segmented"}, extraBareMetal: {"true", "false"},
		},
		Regionless: []string{assumeRoleWithOIDC},
		Legal:      legal,
		ExtraKinds: extraKinds(),
		Settings:   append(settings(), tokenSettings()...),
		Identity:   identityWords(),
	}
}

func extraKinds() map[simulator.Kind]simulator.ExtraKind {
	return map[simulator.Kind]simulator.ExtraKind{
		IdempotentProcessing: {
			Doc:        "refuses a write with a client token as still being served; effect: it takes effect all the same",
			Parameters: []string{"code", "status", "message", "effect"}, WritesOnly: true,
		},
		NoErrorObject: {
			Doc:        "answers a status (default 500) and metadata without an error object",
			Parameters: []string{"status"},
		},
		SimpleError: {
			Doc:        "answers a status (default 500) and the short error body, with code and message",
			Parameters: []string{"code", "status", "message"},
		},
		MissingDetail: {
			Doc:        "leaves an instance out of OperationDetails after the call took effect on it",
			WritesOnly: true,
		},
	}
}

// statuses are those of https://docs.byteplus.com/en/docs/ecs/DescribeInstances, and
// two that other pages have.
func statuses() []string {
	return []string{
		"CREATING", running, stopping, stopped, starting, rebooting, "REBUILDING", "RESIZING", "MODIFYING_VPC", errorWord,
		"DELETING", migrating,
	}
}

// ops are the actions that are served, with what they do.
func ops() map[string]simulator.Op {
	all := map[string]simulator.Op{Service: ""}
	for name, a := range actions() {
		all[name] = a.op
	}
	return simulator.WithTokens(all, slices.Collect(maps.Keys(tokenActions()))...)
}

// regions are those for which the SDK has endpoints (volcengine/endpoints), as far
// as the simulator knows them.
func regions() []string {
	return []string{
		"cn-beijing", "cn-shanghai", "cn-guangzhou", "cn-hongkong", "cn-wulanchabu", "ap-southeast-1", "ap-southeast-2",
		"ap-southeast-3", "cn-beijing-autodriving", "cn-shanghai-autodriving", "cn-beijing-selfdrive",
	}
}

// Match implements simulator.Wire.
func (w *Wire) Match(r *http.Request) bool {
	if r.Header.Get("Authorization") != "" {
		return strings.HasPrefix(r.Header.Get("Authorization"), algorithm)
	}
	q := r.URL.Query()
	return q.Get("Action") != "" && q.Get("Version") == Version
}

// Parse implements simulator.Wire.
func (w *Wire) Parse(req *simulator.Request) *simulator.Refusal {
	call := req.Call
	call.RequestID = requestID(call)
	call.Service = Service
	values, wrong := form(req)
	call.Action = values.Get("Action")
	spec, known := actions()[call.Action]
	if known {
		call.Op = spec.op
	}
	// The parameters are read before the signature is checked, so that the log
	// of a refused call has its ids, but reported after it.
	params := &parameters{version: values.Get("Version")}
	req.Params = params
	if known && wrong == nil {
		wrong = params.read(values, spec, w.cloud.Setting(UnknownParameters) == Ignored)
		params.describe(call)
	}
	key, refusal := w.authenticate(req, Service)
	switch {
	case refusal != nil:
		return refusal
	case req.HTTP.Method != http.MethodGet && req.HTTP.Method != http.MethodPost:
		return refuse("MethodNotAllowed", "The method %s is not allowed.", req.HTTP.Method)
	case call.Action == "":
		return missing("Action")
	case params.version == "":
		return missing("Version")
	case !known || params.version != Version:
		return refuse("InvalidActionOrVersion", "Could not find operation %s for version %s.", call.Action, params.version)
	}
	name := func(id string) string { return resource(call.Region, call.Account, id) }
	id, denied := key.FirstDenied(Service+":"+call.Action, call.InstanceIDs, name)
	switch {
	case denied:
		return refuse("AccessDenied", "User is not authorized to perform: ecs:%s on resource: %s.", call.Action, name(id))
	case wrong != nil:
		return wrong
	default:
		return params.check(spec)
	}
}

// resource is the name of an instance in a policy
// (https://www.volcengine.com/docs/6257/65059).
func resource(region, account, id string) string {
	return "trn:ecs:" + region + ":" + account + ":instance/" + id
}

// requestID makes an id in the form of the service's: the time and twenty
// digits.
func requestID(call *simulator.Call) string {
	digits := strings.ToUpper(strings.ReplaceAll(call.RequestID, "-", ""))
	return call.Time.UTC().Format("20060102150405") + digits[:min(20, len(digits))]
}

// Serve implements simulator.Wire.
func (w *Wire) Serve(req *simulator.Request) simulator.Answer {
	params, ok := req.Params.(*parameters)
	if !ok {
		return w.Refuse(req, *refuse("InternalError", "The request was not parsed."))
	}
	if t := req.Hit(NoErrorObject, SimpleError); t != nil {
		return bare(req, t)
	}
	if params.clientToken != "" {
		if t := req.Hit(IdempotentProcessing); t != nil {
			if t.Effect {
				w.operate(req, params)
			}
			d := simulator.Denial{Code: t.Code, HTTPStatus: t.Status, Message: t.Message}
			return w.Refuse(req,
				d.Refusal(
					*refuse("IdempotentProcessing", "The request with the ClientToken %s is being processed.", params.clientToken),
				))
		}
	}
	if req.Call.Op == simulator.OpDescribe {
		return w.describeInstances(req, params)
	}
	return w.operate(req, params)
}
