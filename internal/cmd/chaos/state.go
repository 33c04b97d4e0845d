package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// stateFile is the part of a state, in version 4 of its form, that is compared with
// the cloud.
type stateFile struct {
	Version   int `json:"version"`
	Resources []struct {
		Type      string `json:"type"`
		Instances []struct {
			Deposed    string          `json:"deposed"`
			Status     string          `json:"status"`
			Attributes json.RawMessage `json:"attributes"`
		} `json:"instances"`
	} `json:"resources"`
}

// checkState checks that the state has exactly the managed instances, each in its
// target state, and none that is tainted.
func checkState(data []byte, targets map[string]string) error {
	var file stateFile
	if err := json.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("the state: %w", err)
	}
	if file.Version != 4 {
		return fmt.Errorf("the state has version %d, want 4", file.Version)
	}
	got := map[string]string{}
	for _, resource := range file.Resources {
		for _, instance := range resource.Instances {
			if instance.Status != "" || instance.Deposed != "" {
				return fmt.Errorf("the state has a resource that is %s%s", instance.Status, instance.Deposed)
			}
			if err := readAttributes(resource.Type, instance.Attributes, got); err != nil {
				return fmt.Errorf("the state: %w", err)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(targets)) {
		if got[id] != targets[id] {
			return fmt.Errorf("%s is %q in the state, want %q", id, got[id], targets[id])
		}
	}
	if len(got) != len(targets) {
		return fmt.Errorf("the state has %d instances, want %d", len(got), len(targets))
	}
	return nil
}

// readAttributes reads the observed state of each instance of a resource.
func readAttributes(kind string, data json.RawMessage, into map[string]string) error {
	switch kind {
	case "instance_power_state":
		var one struct {
			ID    string `json:"instance_id"`
			State string `json:"state"`
		}
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		into[one.ID] = one.State
	case "instance_fleet_power_state":
		var fleet struct {
			State     string `json:"state"`
			Instances map[string]struct {
				State string `json:"state"`
				Error string `json:"error"`
			} `json:"instances"`
		}
		if err := json.Unmarshal(data, &fleet); err != nil {
			return err
		}
		for id, one := range fleet.Instances {
			if one.State != fleet.State || one.Error != "" {
				return fmt.Errorf("%s of a fleet that is %q is %q, with error %q", id, fleet.State, one.State, one.Error)
			}
			into[id] = one.State
		}
	default:
		return fmt.Errorf("it has a resource of type %q", kind)
	}
	return nil
}
