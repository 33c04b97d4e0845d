package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// key names an instance among those of all clouds.
type key struct{ cloud, id string }

func (k key) String() string { return k.cloud + " " + k.id }

func (w wanted) key() key { return key{w.Cloud, w.ID} }

// truth is how all instances of all clouds truly are at one time.
type truth map[key]simulator.Instance

func observe(server *simulator.Server) truth {
	now := truth{}
	for _, wire := range server.Wires() {
		for _, i := range wire.Cloud().Instances() {
			now[key{wire.Cloud().Name(), i.ID}] = i
		}
	}
	return now
}

// is reports whether an instance is in a state, running or stopped.
func (t truth) is(server *simulator.Server, k key, state string) bool {
	i, found := t[k]
	return found && i.Status == wordFor(server, k.cloud, state)
}

// wordFor returns a cloud's own word for running or stopped, and for a cloud that
// is not there one that no instance has.
func wordFor(server *simulator.Server, cloud, state string) string {
	c := server.Cloud(cloud)
	switch {
	case c != nil && state == running:
		return c.Words().Running
	case c != nil && state == stopped:
		return c.Words().Stopped
	}
	return "?"
}

// checkWanted returns an error for the first instance that is not as the
// configuration says.
func (t truth) checkWanted(server *simulator.Server, all []wanted) error {
	for _, w := range all {
		i, found := t[w.key()]
		switch {
		case !found:
			return fmt.Errorf("%s does not exist, and the configuration names it", w.key())
		case i.Status != wordFor(server, w.Cloud, w.State):
			return fmt.Errorf("%s is %s in the cloud, and the configuration wants it %s", w.key(), i.Status, w.State)
		case w.StoppedMode == stopCharging && i.StoppedMode != server.Cloud(w.Cloud).Words().StopCharging:
			return fmt.Errorf("%s is stopped as %q in the cloud, and the configuration wants that charging stops", w.key(),
				i.StoppedMode)
		}
	}
	return nil
}

// checkSame returns an error for the first instance whose power state differs
// from that of an earlier one, save for those that are excepted.
func (t truth) checkSame(earlier truth, except ...key) error {
	keys := slices.Collect(maps.Keys(earlier))
	slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		if slices.Contains(except, k) {
			continue
		}
		was, is := earlier[k], t[k]
		if was.Status != is.Status || was.StoppedMode != is.StoppedMode {
			return fmt.Errorf("%s was %s and is %s, and nothing should have touched it", k, describe(was), describe(is))
		}
	}
	return nil
}

func describe(i simulator.Instance) string {
	switch {
	case i.ID == "":
		return "gone"
	case i.StoppedMode != "":
		return i.Status + " (" + i.StoppedMode + ")"
	}
	return i.Status
}
