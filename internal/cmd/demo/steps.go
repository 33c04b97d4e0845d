package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// The exit codes of "plan -detailed-exitcode".
const (
	planIsEmpty    = 0
	planHasChanges = 2
)

// plan runs a plan into a file and demands that it is empty, or that it is not.
func (d *demo) plan(ctx context.Context, file string, wantCode int) error {
	since := markNow(d.server)
	code, err := d.cli.show(ctx, "plan", "-detailed-exitcode", "-out="+file)
	if err != nil {
		return err
	}
	switch code {
	case wantCode:
	case planIsEmpty:
		return fmt.Errorf("the plan is empty, and it should have changes (exit code %d)", code)
	case planHasChanges:
		return fmt.Errorf("the plan has changes, and it should be empty (exit code %d)", code)
	default:
		return fmt.Errorf("the plan failed with exit code %d", code)
	}
	if err := checkWrites(callsSince(d.server, since)); err != nil {
		return fmt.Errorf("a plan must not write: %w", err)
	}
	return nil
}

// change runs a command that changes instances, and notes how long it took. It
// returns what the clouds were asked.
func (d *demo) change(ctx context.Context, name string, args ...string) (map[string][]simulator.Call, error) {
	since, began := markNow(d.server), time.Now()
	code, err := d.cli.show(ctx, args...)
	if err != nil {
		return nil, err
	}
	if code != 0 {
		return nil, fmt.Errorf("%s failed with exit code %d", name, code)
	}
	calls := callsSince(d.server, since)
	d.spans = append(d.spans, span{name: name, waited: waited(calls), whole: time.Since(began)})
	return calls, nil
}

// The files of the plans that are applied.
const (
	firstPlanFile = "first.tfplan"
	driftPlanFile = "drift.tfplan"
)

// firstPlan plans what the configuration declares.
func (d *demo) firstPlan(ctx context.Context) error {
	if err := d.plan(ctx, firstPlanFile, planHasChanges); err != nil {
		return err
	}
	data, err := d.cli.read(ctx, "show", "-json", firstPlanFile)
	if err != nil {
		return err
	}
	if d.wanted, err = readPlan(data); err != nil {
		return err
	}
	if err := checkExample(d.server, d.wanted, d.found); err != nil {
		return err
	}
	if err := observe(d.server).checkSame(d.found); err != nil {
		return fmt.Errorf("after the plan: %w", err)
	}
	d.out.checked("no instance was touched")
	return nil
}

// apply brings all instances to what the configuration says.
func (d *demo) apply(ctx context.Context) error {
	calls, err := d.change(ctx, "apply", "apply", firstPlanFile)
	if err != nil {
		return err
	}
	now := observe(d.server)
	if err := now.checkWanted(d.server, d.wanted); err != nil {
		return fmt.Errorf("after the apply: %w", err)
	}
	if err := now.checkSame(d.found, keysOf(d.wanted)...); err != nil {
		return fmt.Errorf("after the apply: %w", err)
	}
	if err := checkWrites(calls, changed(d.wanted, d.found, d.server)...); err != nil {
		return fmt.Errorf("after the apply: %w", err)
	}
	d.out.checked("all %d instances are in the clouds as the configuration says", len(d.wanted))
	return nil
}

// planAgain shows that an apply leaves nothing to do.
func (d *demo) planAgain(ctx context.Context) error {
	if err := d.plan(ctx, "second.tfplan", planIsEmpty); err != nil {
		return err
	}
	d.out.checked("the plan is empty")
	return nil
}

// drift starts an instance without Terraform.
func (d *demo) drift(ctx context.Context) error {
	w, err := driftCandidate(d.wanted)
	if err != nil {
		return err
	}
	d.drifts = w
	word := wordFor(d.server, w.Cloud, running)
	control := simulator.NewControl(d.server.URL(), w.Cloud)
	if err := control.Change(ctx, w.ID, map[string]any{"status": word, "stopped_mode": ""}); err != nil {
		return err
	}
	if !observe(d.server).is(d.server, w.key(), running) {
		return fmt.Errorf("%s was started in the simulator, and does not run", w.key())
	}
	d.out.say("somebody started %s of %s", w.ID, w.Cloud)
	if err := d.plan(ctx, driftPlanFile, planHasChanges); err != nil {
		return err
	}
	d.out.checked("the plan has changes")
	return nil
}

// repair applies the plan that found the drift.
func (d *demo) repair(ctx context.Context) error {
	calls, err := d.change(ctx, "repair", "apply", driftPlanFile)
	if err != nil {
		return err
	}
	if err := observe(d.server).checkWanted(d.server, d.wanted); err != nil {
		return fmt.Errorf("after the repair: %w", err)
	}
	if err := checkWrites(calls, d.drifts.key()); err != nil {
		return fmt.Errorf("after the repair: %w", err)
	}
	d.out.checked("%s is stopped, and no other instance was touched", d.drifts.ID)
	return nil
}

// destroy ends the management of the instances.
func (d *demo) destroy(ctx context.Context) error {
	before := observe(d.server)
	calls, err := d.change(ctx, "destroy", "destroy", "-auto-approve")
	if err != nil {
		return err
	}
	now := observe(d.server)
	var restored []key
	for _, w := range d.wanted {
		if w.OnDestroy != restore {
			continue
		}
		restored = append(restored, w.key())
		if now[w.key()].Status != d.found[w.key()].Status {
			return fmt.Errorf("after the destroy: %s is %s, and it was found %s", w.key(), describe(now[w.key()]),
				describe(d.found[w.key()]))
		}
	}
	if err := now.checkSame(before, restored...); err != nil {
		return fmt.Errorf("after the destroy: %w", err)
	}
	if err := checkWrites(calls, restored...); err != nil {
		return fmt.Errorf("after the destroy: %w", err)
	}
	for _, k := range restored {
		d.out.checked("%s is %s again, as it was found", k.id, describe(now[k]))
	}
	d.out.checked("every other instance is as it was before the destroy")
	return nil
}

// account ends the demo with what it cost.
func (d *demo) account(context.Context) error {
	for cloud, calls := range callsSince(d.server, mark{}) {
		if err := audit(calls, d.keys[cloud]); err != nil {
			return err
		}
	}
	if err := d.guard.check(); err != nil {
		return err
	}
	asked := accounts(d.server, append(keysOf(d.wanted), d.scheduled()...))
	if err := writeAccount(d.out, asked, d.transition, d.spans); err != nil {
		return err
	}
	d.out.gap()
	d.out.checked("no stop was forced, each stop call stated that, and no call was repeated blindly")
	exchanged := 0
	for _, n := range d.server.Cloud(keyless).ExchangeCounts() {
		exchanged += n
	}
	if exchanged == 0 {
		return errors.New("no token was exchanged for keys of " + keyless)
	}
	d.out.checked("%s needed no key: a token was exchanged for temporary ones %d times", keyless, exchanged)
	d.out.checked("every other call carried a key of the simulator, and no request was meant for another machine")
	return nil
}

func keysOf(all []wanted) []key {
	var keys []key
	for _, w := range all {
		keys = append(keys, w.key())
	}
	return keys
}

// changed returns the instances that were not yet in the state that the
// configuration asks for.
func changed(all []wanted, before truth, server *simulator.Server) []key {
	var keys []key
	for _, w := range all {
		if !before.is(server, w.key(), w.State) {
			keys = append(keys, w.key())
		}
	}
	return keys
}
