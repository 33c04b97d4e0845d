package provider

import (
	"net/http"
	"slices"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	simtencentcloud "github.com/instance-power/terraform-provider-instance/internal/simulator/tencentcloud"
	simvolcengine "github.com/instance-power/terraform-provider-instance/internal/simulator/volcengine"
	simzenlayercloud "github.com/instance-power/terraform-provider-instance/internal/simulator/zenlayercloud"
)

// ofCloud are rows that one cloud alone can have.
func ofCloud(h *harness, cloud string, rows ...row) []row {
	if h.cloud != cloud {
		h.t.Logf("%d rows are about the protocol of %s", len(rows), cloud)
		return nil
	}
	return rows
}

// sameToken checks that all writes carry one client token.
func sameToken(t *testing.T, h *harness, id string) {
	t.Helper()
	calls := h.writesOf(id)
	for _, call := range calls {
		if call.ClientToken == "" || call.ClientToken != calls[0].ClientToken {
			t.Errorf("got a write with the client token %q after one with %q, want the same", call.ClientToken,
				calls[0].ClientToken)
		}
	}
	oneEffect(t, h, id)
}

// TestEndToEndTroublesOfOneProtocol are those that only one cloud has.
func TestEndToEndTroublesOfOneProtocol(t *testing.T) {
	const gateway = "A gateway in front of the API refused the request, not the API itself"
	eachService(t, func(_ *testing.T, h *harness) {
		h.applyRows(slices.Concat(
			ofCloud(
				h, "volcengine",
				row{
					name:     "an error without an error object",
					troubles: once(simulator.Trouble{Kind: simvolcengine.NoErrorObject}),
					writes:   2,
				},
				row{
					name:     "a refusal without an error object",
					troubles: once(simulator.Trouble{Kind: simvolcengine.NoErrorObject, Status: http.StatusBadRequest}),
					says:     []string{"HTTP status: 400", "Request id:"}, writes: 2,
				},
				row{
					name:     "an error in the short form",
					troubles: once(simulator.Trouble{Kind: simvolcengine.SimpleError, Message: "Try again."}),
					writes:   2,
				},
				row{
					name: "a refusal in the short form",
					troubles: once(simulator.Trouble{
						Kind: simvolcengine.SimpleError, Status: http.StatusForbidden, Code: "AccessDenied", Message: "No.",
					}),
					says: []string{"The cloud answered: No.", "Code: AccessDenied"}, writes: 2,
				},
				row{
					name:     "the call is still served, and had no effect: it is repeated as the same call",
					troubles: once(simulator.Trouble{Kind: simvolcengine.IdempotentProcessing}), writes: 2, check: sameToken,
				},
				row{
					name:     "the call is still served, and has its effect",
					troubles: once(simulator.Trouble{Kind: simvolcengine.IdempotentProcessing, Effect: true}),
					writes:   1,
					check:    sameToken,
				},
				row{
					name:     "the answer says nothing of the instance",
					troubles: once(simulator.Trouble{Kind: simvolcengine.MissingDetail}),
					writes:   1,
				},
				row{
					name:     "a repeat after a broken connection is the same call",
					troubles: once(simulator.Trouble{Kind: simulator.ResetBefore}), writes: 2, check: sameToken,
				},
			),
			ofCloud(
				h, "zenlayercloud",
				row{
					name:     "a description without the object around it is asked for again",
					troubles: one(simulator.Trouble{Kind: simzenlayercloud.Unwrapped, Action: string(simulator.OpDescribe), Count: 1}),
					writes:   1,
				},
				row{
					name:     "an acceptance without the object around it is not asked for again",
					troubles: once(simulator.Trouble{Kind: simzenlayercloud.Unwrapped}), writes: 1,
				},
				row{
					name:     "an error with status 200",
					troubles: once(simulator.Trouble{Kind: simzenlayercloud.ErrorUnder200}),
					writes:   2,
				},
				row{
					name:     "a page of the firewall",
					troubles: once(simulator.Trouble{Kind: simzenlayercloud.WAFPage}),
					says:     []string{gateway, "HTTP status: 403"},
					writes:   2,
				},
				row{
					name:     "another page of the firewall",
					troubles: once(simulator.Trouble{Kind: simzenlayercloud.WAFPage, Status: http.StatusUnavailableForLegalReasons}),
					says:     []string{gateway, "HTTP status: 451"}, writes: 2,
				},
			),
			ofCloud(
				h, "tencentcloud",
				row{
					name:     "an error in the older form",
					troubles: once(simulator.Trouble{Kind: simtencentcloud.LegacyError, Message: "Try again."}),
					writes:   2,
				},
				row{
					name: "a refusal in the older form",
					troubles: once(simulator.Trouble{
						Kind: simtencentcloud.LegacyError, Code: "UnauthorizedOperation", Message: "No.",
					}),
					says: []string{"The cloud answered: No.", "Code: UnauthorizedOperation"}, writes: 2,
				},
			),
		))
	})
}

// TestEndToEndOtherAnswers: what no page documents can go either way, so that all
// must go well with every switch of a cloud on its other answers.
func TestEndToEndOtherAnswers(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		settings := h.sim.Words().Settings
		for k := 1; ; k++ {
			if !slices.ContainsFunc(settings, func(s simulator.Setting) bool { return k < len(s.Values) }) {
				return
			}
			for _, s := range settings {
				h.setting(s.Name, s.Values[min(k, len(s.Values)-1)])
			}
			lost := simulator.Trouble{Kind: simulator.ServerError, Count: 1, Effect: true}
			stop, start := string(simulator.OpStop), string(simulator.OpStart)
			h.applyRows([]row{
				{name: "a stop", writes: 1, check: oneEffect},
				{name: "a start", starts: true, writes: 1, check: oneEffect},
				{name: "a stop that is lost", troubles: one(withAction(lost, stop)), writes: 1},
				{name: "a start that is lost", starts: true, troubles: one(withAction(lost, start)), writes: 1},
				{
					name:     "a stop of a busy one",
					troubles: one(simulator.Trouble{Kind: simulator.Busy, Count: 1}),
					writes:   2,
					check:    oneEffect,
				},
				{
					name:     "a throttled stop",
					troubles: one(simulator.Trouble{Kind: simulator.Throttle, Action: stop, Count: 1, RetryAfter: second}),
					writes:   2,
					check:    oneEffect,
				},
				{name: "a forced stop", lines: []string{"force_stop = true"}, forced: true, writes: 1, check: oneEffect},
			})
			h.batch(t, bad{
				name:    "a batch with a busy one",
				trouble: &simulator.Trouble{Kind: simulator.Busy},
				most:    8,
				says:    []string{tooLong},
			})
			h.sim.ClearTroubles()
		}
	})
}

func withAction(trouble simulator.Trouble, action string) simulator.Trouble {
	trouble.Action = action
	return trouble
}
