package provider

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// once is a trouble of the first stop.
func once(trouble simulator.Trouble) []simulator.Trouble {
	trouble.Action, trouble.Count = string(simulator.OpStop), 1
	return []simulator.Trouble{trouble}
}

const second = simulator.Duration(time.Second)

// short is a time limit that ends before a trouble does, and long after the first read
// of a wait on a busy machine.
const short = "timeouts {\n create = \"12s\"\n}"

const tookTooLong = "The time limit of 12s (`timeouts.create`) passed before the cloud reported the instance " +
	"as stopped."

const tookTooLongToStart = "The time limit of 12s (`timeouts.create`) passed before the cloud reported the instance " +
	"as running."

// TestEndToEndAnswersThatFail is about the stop as a call: what answers it, or
// does not.
func TestEndToEndAnswersThatFail(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		h.applyRows([]row{
			{
				name:     "a gateway's 502 before the effect is repeated after a read",
				troubles: once(simulator.Trouble{Kind: simulator.ServerError}), writes: 2,
			},
			{
				name:     "a gateway's 504 after the effect is not repeated",
				troubles: once(simulator.Trouble{Kind: simulator.ServerError, Status: http.StatusGatewayTimeout, Effect: true}),
				writes:   1,
			},
			{
				name:     "an internal error of the cloud is repeated after a read",
				troubles: once(simulator.Trouble{Kind: simulator.Error}), writes: 2,
			},
			{
				name:     "a connection that breaks before the effect is repeated after a read",
				troubles: once(simulator.Trouble{Kind: simulator.ResetBefore}), writes: 2,
			},
			{
				name:     "a connection that breaks after the effect is not repeated",
				troubles: once(simulator.Trouble{Kind: simulator.ResetAfter}), writes: 1,
			},
			{
				name:     "a lost answer is not repeated",
				troubles: once(simulator.Trouble{Kind: simulator.LostAnswer, Delay: second}), writes: 1,
			},
			{
				name:     "a slow answer is waited for",
				troubles: once(simulator.Trouble{Kind: simulator.Slow, Delay: 2 * second}), writes: 1,
			},
			{
				name:     "an answer that never comes ends with the time limit, and the next apply finds what it did",
				troubles: once(simulator.Trouble{Kind: simulator.LostAnswer}), lines: []string{short},
				says: []string{tookTooLong, "The next apply begins by reading the instance"}, writes: 1,
			},
			{
				name:     "unknown fields in all answers change nothing",
				troubles: []simulator.Trouble{{Kind: simulator.UnknownFields}}, writes: 1,
			},
			{
				name:     "a page of a gateway that forbids the stop is an error that names the gateway",
				troubles: once(simulator.Trouble{Kind: simulator.GatewayPage}),
				says: []string{
					"HTTP status 403",
					"A gateway in front of the API refused the request, not the API itself: check proxies, firewalls",
					"HTTP status: 403",
				},
				writes: 2,
			},
			{
				name: "a stop that is not permitted is an error with code, request id and remedy",
				troubles: once(simulator.Trouble{
					Kind:    simulator.Error,
					Code:    deniedCode(h),
					Message: "You are not permitted to do that.",
					Status:  http.StatusForbidden,
				}),
				says: []string{"The cloud answered: You are not permitted to do that."},
				code: all(deniedCode(h), h.name),
				clouds: map[string][]string{
					"tencentcloud":  {"Grant the credentials the CAM actions cvm:DescribeInstances on all instances"},
					"alicloud":      {"Grant the RAM identity ecs:DescribeInstances and ecs:DescribeInstanceAttribute on all"},
					"volcengine":    {"Grant the identity of `access_key` the IAM actions ecs:DescribeInstances"},
					"zenlayercloud": {"The code says that the operation was refused, which need not be a matter of permissions"},
				},
				writes: 2,
			},
			{
				name: "an unknown code is an error with code and request id, and is not repeated",
				troubles: once(simulator.Trouble{
					Kind: simulator.Error, Code: "Unheard.Of", Message: "It is what it is.", Status: http.StatusConflict,
				}),
				says: []string{"The cloud answered: It is what it is.", "Look the code up in the cloud's documentation"},
				code: all("Unheard.Of", h.name), writes: 2,
			},
		})
	})
}

// deniedCode is the cloud's code for a policy that does not permit an
// operation.
func deniedCode(h *harness) string {
	return map[string]string{
		"tencentcloud": "UnauthorizedOperation", "alicloud": "Forbidden.RAM", "volcengine": "AccessDenied",
		"zenlayercloud": "OPERATION_DENIED_NO_PERMISSION",
	}[h.cloud]
}

// throttle is one of a cloud's own ways to say "too many calls".
type throttle struct {
	code   string
	status int
}

// throttles are the codes of the reference pages, and statuses where a page
// leaves them open.
func throttles(h *harness) []throttle {
	return map[string][]throttle{
		"tencentcloud": {
			{"", 0},
			{"RequestLimitExceeded.UinLimitExceeded", 0},
			{"RequestLimitExceeded.GlobalRegionUinLimitExceeded", 0},
			{"RequestLimitExceeded.IPLimitExceeded", 0},
			{"RequestLimitExceeded", http.StatusTooManyRequests},
		},
		"alicloud": {
			{"", 0},
			{"Throttling", 0},
			{"Throttling.Api", 0},
			{"Throttling.ConcurrentLimitExceeded", 0},
			{"Rejected.Throttling", 0},
			{"Throttling.User", http.StatusTooManyRequests},
		},
		"volcengine": {
			{"", 0},
			{"AccountFlowLimitExceeded", 0},
			{"RequestLimitExceeded", 0},
			{"Throttling.Api", http.StatusBadRequest},
			{"FlowLimitExceeded", http.StatusBadRequest},
			{"FlowLimitExceeded", http.StatusOK},
		},
		"zenlayercloud": {
			{"", 0}, {"REQUEST_LIMIT_EXCEEDED", http.StatusBadRequest}, {"SOMETHING_ELSE", http.StatusTooManyRequests},
		},
	}[h.cloud]
}

// TestEndToEndThrottles: every way in which a cloud throttles, for reads and for
// writes, is waited out, and nothing is written twice. Each has a region of its
// own, where there are regions, since one that throttles makes all of its
// region wait.
func TestEndToEndThrottles(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		var rows []row
		for i, how := range throttles(h) {
			for _, op := range []simulator.Op{simulator.OpStop, simulator.OpDescribe} {
				r := row{
					name: fmt.Sprintf("a %s is throttled: %s %d", op, how.code, how.status),
					troubles: []simulator.Trouble{
						{Kind: simulator.Throttle, Action: string(op), Count: 1, Code: how.code, Status: how.status},
					},
					writes: 1,
				}
				if op == simulator.OpStop {
					r.writes, r.check = 2, oneEffect
				}
				if regions := h.sim.Regions(); len(regions) > 0 {
					r.edit = func(in *simulator.Instance) { in.Region = regions[i] }
					r.lines = []string{fmt.Sprintf("region = %q", regions[i])}
				}
				rows = append(rows, r)
			}
		}
		h.applyRows(rows)
	})
}

// oneEffect checks that of all writes one took effect.
func oneEffect(t *testing.T, h *harness, id string) {
	t.Helper()
	effects := 0
	for _, call := range h.writesOf(id) {
		if slices.Contains(call.Accepted, id) {
			effects++
		}
	}
	if effects != 1 {
		t.Errorf("got %d writes that took effect, want 1:%s", effects, describeCalls(h.writesOf(id)))
	}
}

// TestEndToEndThrottleWithATime: the next call is not made before the time that the
// cloud asks for.
func TestEndToEndThrottleWithATime(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		const away = 3 * time.Second // Longer than the first step of the backoff.
		id := h.running()
		h.trouble(simulator.Trouble{
			Kind: simulator.Throttle, Action: string(simulator.OpStop), Count: 1, RetryAfter: simulator.Duration(away),
		})
		h.here(h.hcl(named("row", id, "stopped"))).do("apply").succeeded(t)
		calls := h.writesOf(id)
		if len(calls) != 2 {
			t.Fatalf("got %d stops, want the throttled one and one more:%s", len(calls), describeCalls(calls))
		}
		if apart := calls[1].Time.Sub(calls[0].Time); apart < away {
			t.Errorf("the next stop came after %s, and the cloud asked for %s", apart, away)
		}
	})
}
