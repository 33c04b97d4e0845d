package provider

import (
	"fmt"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// zenlayerNotRunning is the one code by which Zenlayer refuses a stop, whatever
// stands in its way.
const zenlayerNotRunning = "OPERATION_DENIED_INSTANCE_NOT_RUNNING"

// securityLock is the lock for security reasons that a description shows.
var securityLock = map[string]string{"tencentcloud": "PROTECTIVELY_ISOLATED", "alicloud": "security"}

// zecNoReason stands in for the reason that zec does not give.
const zecNoReason = "the cloud lists the instance as failed, without a reason"

// readsBeforeACall is how often an apply reads an instance before its first call at
// the most: in the plan, in the plan that Terraform makes once more when it applies,
// and when the apply begins, unless that plan was less than a second ago.
const readsBeforeACall = 3

// one is a list of one trouble.
func one(trouble simulator.Trouble) []simulator.Trouble { return []simulator.Trouble{trouble} }

// TestEndToEndInstancesInTheWay is about instances that cannot be stopped now.
func TestEndToEndInstancesInTheWay(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		imaging := simulator.Trouble{Kind: simulator.MakingImage, Count: 1}
		if h.cloud == "zenlayercloud" {
			// The state says so, and is waited out before anything is asked.
			imaging = simulator.Trouble{Kind: simulator.MakingImage, Delay: 3 * second}
		}
		h.applyRows([]row{
			{
				name:     "another operation runs, and ends",
				troubles: one(simulator.Trouble{Kind: simulator.Busy, Count: 1}), writes: 2,
			},
			{
				name:     "an image is made of it, and done",
				troubles: one(imaging), writes: 2, writesOn: all(1, "zenlayercloud"),
			},
			{
				name:     "its host is repaired, and done",
				troubles: one(simulator.Trouble{Kind: simulator.HostRepair, Count: 1}), writes: 2,
			},
			{
				name:     "its host is repaired, and it takes too long",
				troubles: one(simulator.Trouble{Kind: simulator.HostRepair}), lines: []string{short},
				says: []string{
					tookTooLong, "The cloud refused the stop until then:",
					fmt.Sprintf("Last seen: running (%s), for", h.sim.Words().Running),
				},
				code: map[string]string{
					"tencentcloud": "MutexOperation.TaskRunning", "alicloud": "OperationDenied.HostRepairing",
					"volcengine": "InvalidDedicatedHostStatus.Unsupported", "zenlayercloud vm": zenlayerNotRunning,
				},
				clouds: all([]string{zecNoReason}, "zenlayercloud zec"), writes: anyNumber, check: nothingDone,
			},
			{
				name:     "it migrates to another host, and arrives",
				not:      all("it has no word for a live migration", "alicloud", "zenlayercloud"),
				troubles: one(troubleOr(h, simulator.LiveMigration, simulator.Trouble{Delay: 3 * second})), writes: 1,
			},
			{
				name:     "its state is an unknown word for a while",
				troubles: one(simulator.Trouble{Kind: simulator.UnknownWord, Word: "HIBERNATING", Delay: 3 * second}), writes: 1,
			},
			{
				name:     "its state is an unknown word for too long",
				troubles: one(simulator.Trouble{Kind: simulator.UnknownWord, Word: "HIBERNATING"}), lines: []string{short},
				says: []string{tookTooLong, "Last seen: unknown (HIBERNATING), for"}, writes: 1,
			},
			{
				name:     "it is locked, which shows at the call alone",
				troubles: one(simulator.Trouble{Kind: simulator.Lock, Word: "security"}), lines: []string{short},
				clouds: map[string][]string{
					"tencentcloud":      {"The cloud has locked this instance: check the messages in the console"},
					"alicloud":          {"Alibaba Cloud locked the instance for security reasons: see the reason in the ECS console"},
					"volcengine":        {tookTooLong, "is locked by another operation."},
					"zenlayercloud vm":  {tookTooLong, "is not in status RUNNING."},
					"zenlayercloud zec": {tookTooLong, zecNoReason},
				},
				code: map[string]string{
					"tencentcloud": "UnsupportedOperation.InstanceStateBanning", "alicloud": "InstanceLockedForSecurity",
					"volcengine": "OperationDenied.ResourceLocked", "zenlayercloud vm": zenlayerNotRunning,
				},
				writes: anyNumber, check: nothingDone,
			},
			{
				name:     "another service owns it",
				not:      all("it has no code for it", "tencentcloud", "alicloud", "zenlayercloud"),
				troubles: one(simulator.Trouble{Kind: simulator.Lock, Word: "ResourceCreatedByOtherService"}),
				says:     []string{"Another service owns this instance, such as a node pool"},
				code:     all("OperationDenied.ResourceCreatedByOtherService", "volcengine"), writes: 2, check: nothingDone,
			},
			{
				name: "its account has not paid, which shows at the call alone", starts: true,
				not:      all("a description shows it", "tencentcloud", "alicloud"),
				troubles: one(simulator.Trouble{Kind: simulator.InArrears}),
				clouds: map[string][]string{
					"volcengine": {"The account is in arrears or its balance is too low: top it up, then apply again."},
					"zenlayercloud vm": {
						"The subscription of the instance does not allow the operation: check its billing in the console.",
					},
					"zenlayercloud zec": {tookTooLongToStart, zecNoReason},
				},
				code: map[string]string{
					"volcengine": "Insufficient.Balance", "zenlayercloud vm": "OPERATION_DENIED_INSTANCE_SUBSCRIPTION",
				},
				lines:  []string{short},
				writes: 2, writesOn: all(anyNumber, "zenlayercloud zec"), check: nothingDone,
			},
			{
				name:     "it vanishes before the call",
				troubles: one(simulator.Trouble{Kind: simulator.Vanish, Action: "write"}),
				says:     []string{"The instance existed when the operation began, and is gone now: somebody has deleted it."},
				code: map[string]string{
					"tencentcloud": "InvalidInstanceId.NotFound", "alicloud": "InvalidInstanceId.NotFound",
					"volcengine": "InvalidInstance.NotFound", "zenlayercloud vm": "INVALID_INSTANCE_NOT_FOUND",
				},
				writes: 1, lasting: true,
			},
			{
				name:     "it vanishes while it stops",
				troubles: []simulator.Trouble{{Kind: simulator.Vanish, After: readsBeforeACall + 1}, {Kind: simulator.Stuck}},
				says: []string{
					"The instance existed when the operation began, and is gone now: somebody has deleted it.",
					"Last seen: absent",
				},
				writes: 1, lasting: true,
			},
		})
	})
}

// troubleOr is a trouble of a kind that not every cloud takes; where it does
// not, the row says so.
func troubleOr(h *harness, kind simulator.Kind, trouble simulator.Trouble) simulator.Trouble {
	if h.sim.Words().Conditions[kind] != "" {
		trouble.Kind = kind
	}
	return trouble
}

// nothingDone checks that no write took effect by the end of the first apply.
func nothingDone(t *testing.T, h *harness, id string) {
	t.Helper()
	for _, call := range h.writesOf(id) {
		if len(call.Accepted) > 0 {
			t.Errorf("a write took effect:%s", describeCalls(h.writesOf(id)))
			return
		}
	}
}

// TestEndToEndInstancesThatCannot is about what a description shows, so that the
// plan refuses it.
func TestEndToEndInstancesThatCannot(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		h.refuseInPlan([]row{
			{
				name: "it does not exist", gone: true,
				says: []string{h.notThere(), "Check `instance_id`, ", "and that the credentials belong to the account"},
			},
			{
				name:     "it is in rescue mode",
				not:      all("it has no rescue mode", "alicloud", "volcengine", "zenlayercloud"),
				troubles: one(troubleOr(h, simulator.Rescue, simulator.Trouble{})),
				says: []string{
					"The instance exists but cannot be operated: it is in rescue mode.", "Resolve this in the cloud's console",
				},
			},
			{
				name: "it is in the recycle bin", starts: true,
				not:      all("it has no recycle bin", "volcengine"),
				troubles: one(simulator.Trouble{Kind: simulator.Recycle}),
				clouds: map[string][]string{
					"tencentcloud":  {"cannot be operated: it is isolated in the recycle bin because it was returned."},
					"alicloud":      {"cannot be operated: it is a spot instance that is about to be released."},
					"zenlayercloud": {"cannot be operated: it is in the recycle bin."},
				},
			},
			{
				name: "its account has not paid", starts: true,
				not:      all("no description shows it", "volcengine", "zenlayercloud"),
				troubles: one(simulator.Trouble{Kind: simulator.InArrears}),
				clouds: map[string][]string{
					"tencentcloud": {"cannot be operated: it is isolated because the account is in arrears."},
					"alicloud":     {"cannot be operated: it is locked for an overdue payment."},
				},
			},
			{
				name: "it is locked for security reasons", starts: true,
				not:      all("no description shows a lock", "volcengine", "zenlayercloud"),
				troubles: one(simulator.Trouble{Kind: simulator.Lock, Word: securityLock[h.cloud]}),
				says:     []string{"Remove the cause in the cloud's console, then plan again."},
				clouds: map[string][]string{
					"tencentcloud": {"cannot be operated: it is isolated for security reasons."},
					"alicloud":     {"cannot be operated: it is locked for security reasons."},
				},
			},
			{
				name:     "it is locked for money",
				not:      all("it has no such lock", "tencentcloud", "volcengine", "zenlayercloud"),
				troubles: one(simulator.Trouble{Kind: simulator.Lock, Word: "financial"}),
				says:     []string{"cannot be operated: it is locked for an overdue payment."},
			},
			{
				name: "its creation failed",
				not:  all("its listings leave such an instance out", "alicloud"),
				edit: func(in *simulator.Instance) {
					in.Status = map[string]string{
						"tencentcloud": "LAUNCH_FAILED", "volcengine": "ERROR", "zenlayercloud": "CREATE_FAILED",
					}[h.cloud]
				},
				says: []string{"The instance exists but cannot be operated:"},
			},
		})
	})
}

// TestEndToEndInstanceThatVanishesBeforeTheApply: what a plan has seen is gone when the plan
// is applied.
func TestEndToEndInstanceThatVanishesBeforeTheApply(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id := h.running()
		c := h.here(h.fast("", named("web", id, "running")))
		c.do("apply").succeeded(t)
		c.configure(h.fast("", named("web", id, "stopped")))
		c.do("plan", "-out=saved").succeeded(t)
		h.sim.Remove(id)
		o := c.do("apply", "saved")
		o.hasError(t, web, h.notThere(), "Check `instance_id`, ")
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes, want 0", got)
		}
	})
}
