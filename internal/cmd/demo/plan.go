package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The words of the resource that the demo reads.
const (
	running      = "running"
	stopped      = "stopped"
	stopCharging = "stop_charging"
	restore      = "restore"
)

// wanted is what the configuration says about one instance, as the CLI
// understood it.
type wanted struct {
	Address     string `json:"-"`
	Cloud       string `json:"cloud"`
	ID          string `json:"instance_id"`
	State       string `json:"state"`
	StoppedMode string `json:"stopped_mode"`
	OnDestroy   string `json:"on_destroy"`
}

// readPlan reads what "show -json" says about a plan: the instances that are to
// be managed when it was applied, in the order of their addresses.
func readPlan(data []byte) ([]wanted, error) {
	var plan struct {
		PlannedValues struct {
			RootModule struct {
				Resources []struct {
					Address string          `json:"address"`
					Type    string          `json:"type"`
					Values  json.RawMessage `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"planned_values"`
	}
	if err := json.Unmarshal(data, &plan); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	var all []wanted
	for _, r := range plan.PlannedValues.RootModule.Resources {
		if r.Type != "instance_power_state" {
			continue
		}
		w := wanted{Address: r.Address}
		if err := json.Unmarshal(r.Values, &w); err != nil {
			return nil, fmt.Errorf("read %s in the plan: %w", r.Address, err)
		}
		all = append(all, w)
	}
	slices.SortFunc(all, func(a, b wanted) int { return strings.Compare(a.Address, b.Address) })
	return all, nil
}

// checkExample makes sure that the example shows on each cloud what the demo
// promises to show, so that what is checked later is not nothing.
func checkExample(server *simulator.Server, all []wanted, before truth) error {
	for _, wire := range server.Wires() {
		name, words := wire.Cloud().Name(), wire.Cloud().Words()
		stops, modes := 0, 0
		for _, w := range all {
			if w.Cloud != name {
				continue
			}
			if w.State == stopped && before[w.key()].Status == words.Running {
				stops++
			}
			if w.StoppedMode == stopCharging {
				modes++
			}
		}
		if stops == 0 {
			return fmt.Errorf("the example stops no running instance on %s", name)
		}
		if modes == 0 && words.StopCharging != "" {
			return fmt.Errorf("the example uses stop_charging for no instance on %s", name)
		}
	}
	if !slices.ContainsFunc(all, func(w wanted) bool {
		return w.State == running && !before.is(server, w.key(), running)
	}) {
		return errors.New("the example starts no stopped instance")
	}
	if !slices.ContainsFunc(all, func(w wanted) bool {
		return w.OnDestroy == restore && !before.is(server, w.key(), w.State)
	}) {
		return errors.New("the example has no instance that a destroy brings back to another state")
	}
	_, err := driftCandidate(all)
	return err
}

// driftCandidate returns the instance that is started behind Terraform's back: a
// stopped one about which the configuration says nothing special.
func driftCandidate(all []wanted) (wanted, error) {
	for _, w := range all {
		if w.State == stopped && w.StoppedMode == "" && w.OnDestroy != restore {
			return w, nil
		}
	}
	return wanted{}, errors.New("the example has no stopped instance without stopped_mode and on_destroy")
}
