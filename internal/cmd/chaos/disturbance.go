package main

import (
	"os"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/gate"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// disturbance lets one thing happen to one command.
type disturbance struct {
	s      scenario
	gate   *gate.Gate
	runner *terraform.Runner

	once     sync.Once
	mu       sync.Mutex
	cli      *os.Process
	happened bool
	over     bool
	timers   []*time.Timer
}

// betweenInterrupts is the time between two interrupts of the CLI.
const betweenInterrupts = 200 * time.Millisecond

func newDisturbance(s scenario, g *gate.Gate, runner *terraform.Runner) *disturbance {
	return &disturbance{s: s, gate: g, runner: runner}
}

// begin is called when the CLI has started.
func (d *disturbance) begin(cli *os.Process) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cli = cli
	if d.s.request == 0 {
		d.later(d.s.after, func() { d.once.Do(d.happen) })
		return
	}
	d.gate.Watch(func(request int, m gate.Moment) {
		if request >= d.s.request && m == d.s.moment {
			d.once.Do(d.happen)
		}
	})
}

// later calls f after a time, unless the command has ended. The caller holds the
// lock.
func (d *disturbance) later(after time.Duration, f func()) {
	d.timers = append(d.timers, time.AfterFunc(after, f))
}

// happen lets it happen.
func (d *disturbance) happen() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return
	}
	d.happened = true
	switch d.s.kind {
	case killCLI:
		d.signal(os.Kill)
	case killProvider:
		d.killProvider()
	case killBoth:
		d.signal(os.Kill)
		d.killProvider()
	case interrupt:
		d.signal(os.Interrupt)
	case interruptTwice:
		d.signal(os.Interrupt)
		d.later(betweenInterrupts, func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			if !d.over {
				d.signal(os.Interrupt)
			}
		})
	case cutBriefly:
		d.gate.Shut()
		d.later(d.s.cut, d.gate.Reopen)
	case cutToTheEnd, kinds:
		d.gate.Shut()
	}
}

// signal signals the CLI. It can have ended, and then nothing happens.
func (d *disturbance) signal(s os.Signal) { d.happened = d.cli.Signal(s) == nil && d.happened }

// killProvider kills what runs of the provider.
func (d *disturbance) killProvider() {
	all, err := d.runner.Processes()
	d.happened = d.happened && err == nil && len(all) > 0
	for _, process := range all {
		_ = process.Kill() // It can have ended.
	}
}

// end is called when the command has ended. It reports whether it was disturbed.
func (d *disturbance) end() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	for _, timer := range d.timers {
		timer.Stop()
	}
	d.gate.Watch(nil)
	d.gate.Reopen()
	return d.happened
}
