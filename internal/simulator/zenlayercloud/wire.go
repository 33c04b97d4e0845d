// Package zenlayercloud speaks the API of Zenlayer Cloud for the simulator: the
// services vm (Virtual Machine) and zec (Elastic Compute), each in its two
// versions, with signature ZC2-HMAC-SHA256 or an access token, parameters,
// states, limits, answers and error codes of the operations on the power state.
// Instances, time and troubles are left to package simulator.
//
// The reference is https://docs.console.zenlayer.com/api-reference/api-introduction
// and the comments of the vendor's SDK. Where they leave a behavior open there
// is a switch; see settings.go. There are no regions, there is no idempotency
// token, no dry run, and no stop that ends the charging: a parameter for one of
// these is unknown and refused as any other.
package zenlayercloud

import (
	"net/http"
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// Name is the name of this cloud in the provider.
const Name = "zenlayercloud"

// The services, as they are in the path and in the header X-ZC-Service.
const (
	VM  = "vm"
	ZEC = "zec"
)

// ServiceKey is the key of Instance.Extra that says to which service an
// instance belongs; VM when it is not there. The other service does not know
// the instance.
const ServiceKey = "service"

// The versions of the two services (SDK source, constant APIVersion of the
// packages vm20230313, vm20260401, zec20240401, zec20250901).
const (
	vmOld  = "2023-03-13"
	vmNew  = "2026-04-01"
	zecOld = "2024-04-01"
	zecNew = "2025-09-01"
)

// The states that have a meaning here. The lists are at
// https://docs.console.zenlayer.com/api-reference/compute/vm/virtual-machine-instance/describeinstances
// and https://docs.console.zenlayer.com/api-reference/compute/zec/instance/describeinstances.
const (
	running   = "RUNNING"
	stopped   = "STOPPED"
	booting   = "BOOTING"
	stopping  = "STOPPING"
	rebooting = "REBOOT"
	imaging   = "IMAGING"
	recycling = "RECYCLING"
	recycle   = "RECYCLE"

	// These two are in the text of pages whose own lists have BOOTING and
	// RECYCLE instead.
	startingWord = "STARTING"
	recycledWord = "RECYCLED"
)

// The ways to pay for an instance.
const (
	prePaid  = "PREPAID"
	postPaid = "POSTPAID"
)

const pathPrefix = "/api/v2/"

// Wire is the wire of Zenlayer Cloud.
type Wire struct {
	cloud *simulator.Cloud
}

var _ simulator.Wire = (*Wire)(nil)

// New returns the wire of an empty cloud that accepts the demo credentials.
// The vendor's rate limits are not public; none is set.
func New() *Wire {
	cloud := simulator.NewCloud(Name, words())
	cloud.Accept(Keys().All()...)
	return &Wire{cloud: cloud}
}

// Cloud implements simulator.Wire.
func (w *Wire) Cloud() *simulator.Cloud { return w.cloud }

func words() simulator.Words {
	return simulator.Words{
		Running: running, Stopped: stopped, Starting: booting, Stopping: stopping, Rebooting: rebooting,
		ChargeType: postPaid, Type: "z2a.cpu.4", Zone: "SEL-A", KeepsPublicIP: true,
		Conditions: map[simulator.Kind]string{
			simulator.Recycle:     recycle,
			simulator.MakingImage: imaging,
		},
		Inoperable: []simulator.Trouble{
			{Kind: simulator.Recycle}, {Kind: simulator.UnknownWord, Word: "CREATE_FAILED"},
		},
		Statuses: statuses(), ChargeTypes: []string{prePaid, postPaid}, Actions: ops(),
		Extra:      map[string][]string{ServiceKey: {VM, ZEC}},
		Legal:      legal,
		ExtraKinds: extraKinds(),
		Settings:   settings(),
	}
}

// statuses are those that the pages of the two services list, and the two words that
// their text has instead.
func statuses() []string {
	return []string{
		"PENDING", "DEPLOYING", running, stopping, stopped, booting, startingWord, rebooting, "REBUILDING", "RESIZING",
		imaging, recycling, recycle, recycledWord, "RELEASING", "CREATE_FAILED", "REINSTALL_FAILED",
	}
}

// ops are the actions that are served in any version, with what they do.
func ops() map[string]simulator.Op {
	all := map[string]simulator.Op{VM: "", ZEC: ""}
	for _, service := range []string{VM, ZEC} {
		for _, version := range versionsOf(service) {
			for name, a := range actions(service, version) {
				all[name] = a.op
			}
		}
	}
	return all
}

// legal is the rule of both services together; operate narrows it for vm. The
// Chinese page of zec StopInstances allows STOPPING too, so that a shutdown
// that hangs can be cut short, and the page of zec RebootInstances allows a
// forced reboot of an instance that starts or reboots.
func legal(tx *simulator.Tx, order simulator.Order, status string) bool {
	if order.Force == simulator.Forced {
		switch {
		case order.Op == simulator.OpStop && status == stopping:
			return tx.Setting(ForceWhileStopping) == Accepted
		case order.Op == simulator.OpReboot && (status == booting || status == rebooting):
			return true
		}
	}
	return tx.Words().DefaultLegal(order, status)
}

// serviceOf is the service that an instance belongs to.
func serviceOf(i simulator.Instance) string {
	if service := i.Extra[ServiceKey]; service != "" {
		return service
	}
	return VM
}

// Match implements simulator.Wire.
func (w *Wire) Match(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, pathPrefix) || r.Header.Get("X-ZC-Action") != "" ||
		strings.HasPrefix(r.Header.Get("Authorization"), algorithm)
}

// Parse implements simulator.Wire.
func (w *Wire) Parse(req *simulator.Request) *simulator.Refusal {
	call, header := req.Call, req.HTTP.Header
	call.Service = strings.TrimPrefix(req.HTTP.URL.Path, pathPrefix)
	call.Action = header.Get("X-ZC-Action")
	if client := header.Get("X-ZC-Request-Client"); client != "" {
		call.UserAgent = strings.TrimSpace(call.UserAgent + " " + client)
	}
	spec, known := actions(call.Service, header.Get("X-ZC-Version"))[call.Action]
	if known {
		call.Op = spec.op
	}
	// The parameters are read before the credentials are checked, so that the
	// log of a refused call has its ids, but reported after it.
	params, wrong := readParameters(req.Body, spec)
	req.Params = params
	params.describe(call, spec)

	key, refusal := w.authenticate(req)
	if refusal != nil {
		return refusal
	}
	if refusal := common(req.HTTP, call.Service); refusal != nil {
		return refusal
	}
	switch {
	case call.Action == "":
		return refuse(missingParameter, "The header `X-ZC-Action` is required.")
	case !known:
		return invalid("X-ZC-Action", call.Action)
	}
	// No page documents permissions for single actions: the form of their names
	// is the simulator's own, so that a test can take one away.
	permission := call.Service + ":" + call.Action
	name := func(id string) string { return call.Service + ":instance/" + id }
	_, denied := key.FirstDenied(permission, call.InstanceIDs, name)
	switch {
	case denied:
		return refuse(noPermission, "You are not authorized to perform `%s`.", permission)
	case wrong != nil:
		return wrong
	}
	return params.check(spec)
}

// common checks what every action needs
// (https://docs.console.zenlayer.com/api-reference/api-introduction).
func common(r *http.Request, service string) *simulator.Refusal {
	if r.Method != http.MethodPost {
		return &simulator.Refusal{
			Status: http.StatusMethodNotAllowed, Code: invalidParameter,
			Message: "The HTTP method `" + r.Method + "` is not supported.",
		}
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return invalid("Content-Type", r.Header.Get("Content-Type"))
	}
	versions := versionsOf(service)
	if versions == nil {
		return invalid("service", service)
	}
	// The SDKs send the service as a header too; the page asks for none.
	if named := r.Header.Get("X-ZC-Service"); named != "" && named != service {
		return invalid("X-ZC-Service", named)
	}
	version := r.Header.Get("X-ZC-Version")
	if version == "" {
		return refuse(missingParameter, "The header `X-ZC-Version` is required.")
	}
	if !slices.Contains(versions, version) {
		return invalid("X-ZC-Version", version)
	}
	return nil
}

func versionsOf(service string) []string {
	switch service {
	case VM:
		return []string{vmNew, vmOld}
	case ZEC:
		return []string{zecNew, zecOld}
	default:
		return nil
	}
}

// Serve implements simulator.Wire.
func (w *Wire) Serve(req *simulator.Request) simulator.Answer {
	params, ok := req.Params.(*parameters)
	if !ok {
		return w.Refuse(req, *refuse(internalError, "The request was not parsed."))
	}
	if answer, hit := w.misbehave(req); hit {
		return answer
	}
	params.unwrapped = req.Hit(Unwrapped) != nil
	if req.Call.Op == simulator.OpDescribe {
		return w.describe(req, params)
	}
	return w.operate(req, params)
}
