package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// mark is a place in the logs of all clouds: the number of calls in each.
type mark map[string]int

func markNow(server *simulator.Server) mark {
	m := mark{}
	for _, wire := range server.Wires() {
		m[wire.Cloud().Name()] = len(wire.Cloud().Calls(0))
	}
	return m
}

// callsSince returns what each cloud was asked since a mark.
func callsSince(server *simulator.Server, m mark) map[string][]simulator.Call {
	calls := map[string][]simulator.Call{}
	for _, wire := range server.Wires() {
		calls[wire.Cloud().Name()] = wire.Cloud().Calls(m[wire.Cloud().Name()])
	}
	return calls
}

// checkWrites returns an error unless the calls wrote to exactly the instances
// that are expected.
func checkWrites(calls map[string][]simulator.Call, expected ...key) error {
	var written []key
	for cloud, list := range calls {
		for _, k := range list {
			if !k.Op.Write() || k.DryRun {
				continue
			}
			for _, id := range k.InstanceIDs {
				written = append(written, key{cloud, id})
			}
		}
	}
	names := func(keys []key) string {
		var out []string
		for _, k := range keys {
			out = append(out, k.String())
		}
		slices.Sort(out)
		return strings.Join(slices.Compact(out), ", ")
	}
	if got, want := names(written), names(expected); got != want {
		return fmt.Errorf("the clouds were told to start or stop %s, and it should have been %s", orNone(got), orNone(want))
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// waited returns how long the slowest cloud was waited for: from the first start
// or stop that took effect to the last describe after it.
func waited(calls map[string][]simulator.Call) time.Duration {
	var longest time.Duration
	for _, list := range calls {
		var first, last time.Time
		for _, k := range list {
			switch {
			case k.Op.Write() && k.Effect && first.IsZero():
				first = k.Time
			case k.Op == simulator.OpDescribe:
				last = k.Time
			}
		}
		if !first.IsZero() {
			longest = max(longest, last.Sub(first))
		}
	}
	return longest
}

// audit returns an error when a call to a cloud broke a promise: none uses force
// or leaves it to the cloud's default, none is repeated blindly, and all carry
// the demo's own key, or one that a token was exchanged for. The exchange itself
// carries none.
func audit(calls []simulator.Call, demo simulator.Credential) error {
	if breaches := simulator.Audit(calls, simulator.AuditOptions{ExplicitForce: true}); len(breaches) > 0 {
		return errors.New(strings.Join(breaches, "; "))
	}
	own := map[string]bool{demo.AccessKeyID: demo.AccessKeyID != ""}
	for _, k := range calls {
		if k.Issued != "" && k.AccessKeyID == "" {
			own[k.Issued] = true
			continue
		}
		if !own[k.AccessKeyID] {
			return fmt.Errorf("call %d (%s %s) carries the key %q, which is not the demo's", k.Index, k.Cloud, k.Action,
				k.AccessKeyID)
		}
	}
	return nil
}
