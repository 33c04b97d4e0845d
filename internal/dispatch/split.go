package dispatch

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// part is the join key for asking again what the cloud refused as a whole. The
// zero value is no part: what is asked for the first time.
type part struct {
	of   *refusal // shared by all parts of one batch
	name string
	rank rank
	late bool // it is asked for after lateness, when it may be needless
}

// lateness is how long the rest of a half lets its probes go ahead. What is late
// waits for its turn behind them, so that this need not be long.
const lateness = time.Second

// rank is where a part stands in its batch.
type rank int

const (
	smaller rank = iota
	half         // of the batch as it was first refused
	probe        // a single id that speaks for the others
)

// refusal is what is known about a batch that was refused as a whole for what
// may be the fault of one member.
type refusal struct {
	fault backend.Fault // what it was refused with

	mu     sync.Mutex
	err    error // the same, as the driver gave it last
	halves int   // how many halves were refused with the same
	probed bool  // a half is being probed
	probes int   // how many probes were refused with the same
	mixed  bool  // something was not, or it is of a kind that need not concern all
}

// probes is how many ids of a batch are asked alone before a denial is taken for
// one of all its members.
const probes = 8

// final returns the error that stands for all members when the reason concerns
// them all, else nil.
func (p part) final() error {
	if p.of == nil {
		return nil
	}
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if p.of.mixed || p.of.halves < 2 || p.of.probes < probes {
		return nil
	}
	return p.of.err
}

// probe reports, once, that both halves were refused and that it is time to ask
// some ids alone.
func (r *refusal) probe() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mixed || r.halves < 2 || r.probed {
		return false
	}
	r.probed = true
	return true
}

// note takes in what a part was answered: the error of one of its members, or
// nil. A throttle or a lost answer says nothing about the reason.
func (r *refusal) note(of rank, err error, fault backend.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err != nil && isPassing(fault.Kind):
		return
	case err == nil || fault.Kind != r.fault.Kind || fault.Code != r.fault.Code || len(fault.IDs) > 0 && fault.Shared:
		r.mixed = true
		return
	}
	r.err = err
	switch of {
	case half:
		r.halves++
	case probe:
		r.probes++
	case smaller:
	}
}

// isPassing is for faults that are no member's.
func isPassing(kind backend.Kind) bool {
	return kind == backend.KindThrottled || kind == backend.KindUnavailable
}

// note takes in the answers of a part. What one member of several was answered
// by itself says that the reason is not everybody's, or nothing.
func (d *Dispatcher) note(p part, errs []error) {
	if p.of == nil {
		return
	}
	first := d.faultOf(errs[0])
	if len(errs) == 1 || first.Shared {
		p.of.note(p.rank, errs[0], first)
		return
	}
	for _, err := range errs {
		p.of.note(smaller, err, d.faultOf(err))
	}
}

func (d *Dispatcher) faultOf(err error) backend.Fault {
	if err == nil {
		return backend.Fault{}
	}
	return d.driver.Fault(err)
}

// singles is how many ids of a refused batch are asked one by one rather than
// in halves again.
const singles = 3

// split says how the ids of a refused batch, or of a part of one, are to be
// asked again: the ids that the cloud named each alone and the others together,
// else in halves. It returns no parts when err is no such refusal, so that it
// stands: a throttle or a lost answer is no member's fault.
//
// By halves alone, a missing permission would be found when every id was asked by
// itself, a thousand ids in 1700 calls. So when a batch and both its halves are
// denied, and nobody is named, eight ids are asked alone, and what else is left of
// their half goes after them. When they are denied too, and nothing of the batch was
// answered otherwise, the denial stands for all members. That takes some fifteen
// calls, and cannot be wrong where less than nine ids are denied. One bad id never
// has both halves denied, and costs what halves cost. Other refusals, such as want
// of stock, concern one type of instance as likely as all: there each id is asked.
func (d *Dispatcher) split(from part, ids []string, err error) []part {
	if err == nil || len(ids) < 2 {
		return nil
	}
	fault := d.driver.Fault(err)
	if !fault.Shared || isPassing(fault.Kind) || from.final() != nil {
		return nil
	}
	d.log.Info("The cloud refused a joined call; it is split", "instances", len(ids), "code", fault.Code, "named", len(fault.IDs))
	names, halves := partition(ids, fault.IDs)
	switch {
	case from.of == nil:
		mixed := fault.Kind != backend.KindDenied || len(fault.IDs) > 0
		return d.parts(&refusal{fault: fault, err: err, mixed: mixed}, half, names)
	case from.rank == half && halves && len(ids) > probes && from.of.probe():
		return d.probe(from.of, ids)
	}
	return d.parts(from.of, smaller, names)
}

// parts makes the join keys of a split: one for each name.
func (d *Dispatcher) parts(of *refusal, as rank, names []string) []part {
	number := d.splitCount.Add(1)
	parts := make([]part, len(names))
	for i, name := range names {
		parts[i] = part{of: of, name: fmt.Sprintf("%d/%s", number, name), rank: as}
	}
	return parts
}

// probe makes the join keys for asking some ids alone, spread evenly, and the rest
// after them.
func (d *Dispatcher) probe(of *refusal, ids []string) []part {
	parts := d.parts(of, smaller, repeat("rest", len(ids)))
	for i := range parts {
		parts[i].late = true
	}
	alone := d.parts(of, probe, ids)
	for i := range probes {
		at := (i + 1) * len(ids) / (probes + 1)
		parts[at] = alone[at]
	}
	return parts
}

// partition names, for each id, the part that it belongs to: itself where it is
// to be asked alone; halves is set when the parts are halves. Only named ids that
// are among ids count: a hint that singles out nobody, or everybody, would have the
// same batch asked again.
func partition(ids, named []string) (names []string, halves bool) {
	blamed := 0
	for _, id := range ids {
		if slices.Contains(named, id) {
			blamed++
		}
	}
	apart := blamed > 0 && blamed < len(ids)
	halves = !apart && len(ids) > singles
	names = make([]string, len(ids))
	for i, id := range ids {
		switch {
		case halves:
			names[i] = fmt.Sprint(2 * i / len(ids))
		case apart && !slices.Contains(named, id):
			names[i] = "rest"
		default:
			names[i] = id
		}
	}
	return names, halves
}
