package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// evening is the time that the fleet is applied for: a Friday, after the windows
// of all of its schedules.
const evening = "2026-11-27T20:00:00+08:00"

// estate applies the fleet while one of its instances cannot be operated: the
// apply stops the others, and fails for this one.
func (d *demo) estate(ctx context.Context) error {
	before := observe(d.server)
	var open []key
	for _, k := range d.scheduled() {
		if before.is(d.server, k, running) {
			open = append(open, k)
		}
	}
	blocked, err := d.blocked(before)
	if err != nil {
		return err
	}
	since := markNow(d.server)
	var printed bytes.Buffer
	code, err := d.fleet.showAndKeep(ctx, &printed, "apply", "-auto-approve", "-var=at="+evening)
	if err != nil {
		return err
	}
	if code == 0 {
		return errors.New("the apply succeeded, although one instance could not be stopped")
	}
	if err := checkBlamed(printed.String(), blocked, open); err != nil {
		return err
	}
	now := observe(d.server)
	for _, k := range open {
		if !now.is(d.server, k, stopped) {
			return fmt.Errorf("after the apply of the fleet: %s is %s", k, describe(now[k]))
		}
	}
	if err := now.checkSame(before, open...); err != nil {
		return fmt.Errorf("after the apply of the fleet: %w", err)
	}
	if err := checkWrites(callsSince(d.server, since), open...); err != nil {
		return fmt.Errorf("after the apply of the fleet: %w", err)
	}
	d.out.checked("%d instances are stopped; the error names %s alone", len(open), blocked.id)
	return nil
}

// checkBlamed returns an error unless the error that the CLI printed names one instance
// and none of the others.
func checkBlamed(output string, blamed key, others []key) error {
	_, text, found := strings.Cut(output, "Error: ")
	if !found || !strings.Contains(text, blamed.id) {
		return fmt.Errorf("the CLI printed no error that names %s", blamed.id)
	}
	for _, k := range others {
		if strings.Contains(text, k.id) {
			return fmt.Errorf("the error of %s names %s, which was stopped", blamed.id, k.id)
		}
	}
	return nil
}

// estateAgain applies the fleet once more, when its last instance can be operated.
func (d *demo) estateAgain(ctx context.Context) error {
	blocked, err := d.blocked(observe(d.server))
	if err != nil {
		return err
	}
	control := simulator.NewControl(d.server.URL(), blocked.cloud)
	word := wordFor(d.server, blocked.cloud, running)
	if err := control.Change(ctx, blocked.id, map[string]any{"status": word}); err != nil {
		return err
	}
	since := markNow(d.server)
	code, err := d.fleet.show(ctx, "apply", "-auto-approve", "-var=at="+evening)
	if err != nil {
		return err
	}
	if code != 0 {
		return fmt.Errorf("the second apply of the fleet failed with exit code %d", code)
	}
	if now := observe(d.server); !now.is(d.server, blocked, stopped) {
		return fmt.Errorf("after the second apply of the fleet: %s is %s", blocked, describe(now[blocked]))
	}
	if err := checkWrites(callsSince(d.server, since), blocked); err != nil {
		return fmt.Errorf("after the second apply of the fleet: %w", err)
	}
	d.out.checked("%s is stopped, and no other instance was touched", blocked.id)
	return nil
}

// scheduled returns the instances that carry a schedule.
func (d *demo) scheduled() []key {
	var keys []key
	for k, i := range observe(d.server) {
		if i.Tags["schedule"] != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// blocked returns the one scheduled instance that is neither running nor stopped.
func (d *demo) blocked(now truth) (key, error) {
	var found []key
	for _, k := range d.scheduled() {
		if !now.is(d.server, k, running) && !now.is(d.server, k, stopped) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return key{}, fmt.Errorf("the example has %d scheduled instances that cannot be operated, and needs one", len(found))
	}
	return found[0], nil
}
