package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/powerstate"
)

// statePath is the state file.
func (h *history) statePath() string { return filepath.Join(h.cli.folder, "terraform.tfstate") }

// stateObject is an object in the state file.
type stateObject struct {
	IndexKey   any `json:"index_key"`
	Status     string
	Deposed    string
	Attributes map[string]any
}

// state are the objects in the state file, by the address of the resource.
func (h *history) state() map[string][]stateObject {
	h.t.Helper()
	data, err := os.ReadFile(h.statePath())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var file struct {
		Resources []struct {
			Mode, Type, Name string
			Instances        []stateObject
		}
	}
	if err := errors.Join(err, json.Unmarshal(data, &file)); err != nil {
		h.t.Fatal(err)
	}
	all := map[string][]stateObject{}
	for _, r := range file.Resources {
		all[r.Type+"."+r.Name] = r.Instances
	}
	return all
}

// objects are those of the estate in the state, by address. What is deposed has an address
// of its own.
func (e *cliEstate) objects(state map[string][]stateObject) map[string]stateObject {
	all := map[string]stateObject{}
	names := []string{}
	for _, address := range slices.Concat(singleAddresses, fleetAddresses) {
		names = append(names, resourceName(address))
	}
	for _, name := range names {
		for _, object := range state[e.resource(name)] {
			address := name
			switch key := object.IndexKey.(type) {
			case string:
				address = fmt.Sprintf("%s[%q]", name, key)
			case float64:
				if name == "list" {
					address = inList(int(key))
				}
			}
			if object.Deposed != "" {
				address += " deposed"
			}
			all[address] = object
		}
	}
	return all
}

// taint marks objects in the state file, as the command does.
func (h *history) taint() {
	h.t.Helper()
	data, err := os.ReadFile(h.statePath())
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	var file map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := errors.Join(err, decoder.Decode(&file)); err != nil {
		h.t.Fatal(err)
	}
	tainted := map[string]bool{}
	for _, e := range h.estates {
		for _, address := range slices.Sorted(maps.Keys(e.blocks)) {
			if e.blocks[address].tainted {
				at := e.at(address, e.was)
				tainted[at] = true
				e.note("# terraform taint '%s'", at)
			}
		}
	}
	if len(tainted) == 0 {
		return
	}
	resources, _ := file["resources"].([]any)
	for _, one := range resources {
		r, _ := one.(map[string]any)
		instances, _ := r["instances"].([]any)
		for _, one := range instances {
			instance, _ := one.(map[string]any)
			at := fmt.Sprintf("%v.%v", r["type"], r["name"])
			switch key := instance["index_key"].(type) {
			case string:
				at += fmt.Sprintf("[%q]", key)
			case json.Number:
				at += fmt.Sprintf("[%s]", key)
			}
			if tainted[at] {
				instance["status"] = "tainted"
				delete(tainted, at)
			}
		}
	}
	if len(tainted) > 0 {
		h.t.Errorf("these are not in the state: %v", tainted)
	}
	if data, err = json.Marshal(file); err != nil {
		h.t.Fatal(err)
	}
	h.cli.write(filepath.Base(h.statePath()), string(data))
}

// untruths tells what is wrong with the state.
func (e *cliEstate) untruths(objects map[string]stateObject) []string {
	var wrong []string
	addresses := slices.Sorted(maps.Keys(objects))
	if want := slices.Sorted(maps.Keys(e.blocks)); !slices.Equal(addresses, want) {
		wrong = append(wrong, fmt.Sprintf("the state has %q, want %q", addresses, want))
	}
	words := e.h.sim.Words()
	for _, address := range addresses {
		object := objects[address]
		if object.Status != "" || object.Deposed != "" {
			wrong = append(wrong, fmt.Sprintf("%s is %s in the state, deposed=%q", address, object.Status, object.Deposed))
		}
		wrong = append(wrong, untruths(address, object.Attributes, func(id string) string { return e.standing(id).state })...)
		said := func(id, name string, got, want any) {
			if got != want {
				wrong = append(wrong, fmt.Sprintf("%s says that %s of %s is %v, want %v", address, name, id, got, want))
			}
		}
		charging := func(id string, got any) {
			said(id, "charging", got, e.standing(id).mode != backend.StopCharging)
		}
		members, _ := object.Attributes["instances"].(map[string]any)
		for id, member := range members {
			one, _ := member.(map[string]any)
			said(id, "status", one["status"], e.h.status(id))
			said(id, "error", one["error"], nil)
			charging(id, one["charging"])
		}
		if isFleet(address) {
			if got, want := slices.Sorted(maps.Keys(members)), declaredIDs(e.blocks[address].config); !slices.Equal(got, want) {
				wrong = append(wrong, fmt.Sprintf("%s has the instances %q, want %q", address, got, want))
			}
			continue
		}
		id := fmt.Sprint(object.Attributes["instance_id"])
		in, _ := e.h.sim.Instance(id)
		said(id, "status", object.Attributes["status"], in.Status)
		said(id, "name", object.Attributes["instance_name"], in.Name)
		said(id, "private_ip", object.Attributes["private_ip"], in.PrivateIP)
		charging(id, object.Attributes["charging"])
		found := fmt.Sprint(object.Attributes["found_state"])
		if may := e.found[address][id]; !slices.Contains(may, found) {
			wrong = append(wrong, fmt.Sprintf("%s says that it found %s %s, want one of %v", address, id, found, may))
		}
		mode, _ := parseMode(fmt.Sprint(object.Attributes["stopped_mode"]))
		if now := e.standing(id); in.Status == words.Stopped && mode != powerstate.StopChargingIfSupported {
			said(id, "stopped_mode", mode, now.mode)
		}
	}
	return wrong
}
