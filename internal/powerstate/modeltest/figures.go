package modeltest

import (
	"fmt"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Figures count the events of many histories.
type Figures struct {
	Histories, Instances, Operations    int
	Calls, Writes                       int
	Refusals, Lost, Interruptions, Acts int // Acts are those of somebody else
	Succeeded, Failed                   int // results of single ids
}

// Add counts one more history.
func (f *Figures) Add(h *History) {
	f.Histories++
	f.Instances += len(h.Scenario.Instances)
	f.Operations += len(h.Operations)
	f.Calls += len(h.Calls)
	for _, call := range h.Calls {
		if call.Op.Writes() {
			f.Writes++
		}
		if len(call.Answers) == 0 || call.Answers[0].Fault == nil {
			continue
		}
		if call.Answers[0].Fault.Kind == backend.KindUnavailable {
			f.Lost++
			continue
		}
		f.Refusals++
	}
	for _, change := range h.Changes {
		if change.Author == SomebodyElse {
			f.Acts++
		}
	}
	for _, o := range h.Operations {
		if o.Cancel > 0 && o.Ended.At >= o.Began.At+o.Cancel || o.Ended.At >= o.Began.At+o.Timeout {
			f.Interruptions++
		}
		for _, result := range o.Results {
			if result.Err != nil {
				f.Failed++
				continue
			}
			f.Succeeded++
		}
	}
}

// String returns the figures in one line.
func (f *Figures) String(elapsed time.Duration) string {
	return fmt.Sprintf("%d histories of %d instances in %v; %d operations, %d cut short by a deadline or a "+
		"cancellation, "+
		"with %d results, %d of them errors; %d calls, %d of them writes; %d refusals; %d lost answers; "+
		"%d acts of somebody else",
		f.Histories, f.Instances, elapsed.Round(100*time.Millisecond), f.Operations, f.Interruptions,
		f.Succeeded+f.Failed, f.Failed, f.Calls, f.Writes, f.Refusals, f.Lost, f.Acts)
}
