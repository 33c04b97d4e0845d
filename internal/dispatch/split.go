package dispatch

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Split is a split key: it tells which members of a refused batch try again together.
// The zero value is for a call that was not refused.
type Split struct {
	batch *refusedBatch // shared by all its members
	group string        // those with the same name are one batch
	role  splitRole
}

// IsZero reports whether the call was not refused as a member of a batch.
func (s Split) IsZero() bool { return s.batch == nil }

// splitRole is how the answer to a group of a refused batch is read.
type splitRole int

const (
	smaller splitRole = iota
	half              // of the batch as it was first refused
	probe             // a single id that stands for the others
	rest              // the others, which wait for the probes
)

// refusedBatch is what is known about a batch that was refused for a fault that may
// be one member's.
type refusedBatch struct {
	fault *backend.Fault // of the first refusal

	mu     sync.Mutex
	last   answer // the last refusal with the same fault
	halves int    // how many halves were refused with it
	probed bool   // a half is being probed
	probes int    // how many probes were refused with it
	mixed  bool   // something was not, or the fault is of a kind that need not concern all
}

// probes is how many ids of a batch are called alone before a denial counts as one
// of all its members.
const probes = 8

// singles is how many ids of a refused batch are called one by one rather than in
// halves again.
const singles = 3

// final returns the answer that stands for all members when the fault concerns them
// all.
func (s Split) final() (a answer, ok bool) {
	if s.batch == nil {
		return answer{}, false
	}
	s.batch.mu.Lock()
	defer s.batch.mu.Unlock()
	if s.batch.mixed || s.batch.halves < 2 || s.batch.probes < probes {
		return answer{}, false
	}
	return s.batch.last, true
}

// startProbing reports, once, that both halves were refused and that it is time to
// probe.
func (b *refusedBatch) startProbing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.mixed || b.halves < 2 || b.probed {
		return false
	}
	b.probed = true
	return true
}

// note takes in the answer to a group. A throttle or a lost answer tells nothing about
// the reason of the refusal.
func (b *refusedBatch) note(role splitRole, a answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := a.fault
	switch {
	case f != nil && passing(f.Kind):
		return
	case f == nil || f.Kind != b.fault.Kind || f.Code != b.fault.Code || len(f.IDs) > 0 && f.Shared:
		b.mixed = true
		return
	}
	b.last = answer{err: a.err, fault: f}
	switch role {
	case half:
		b.halves++
	case probe:
		b.probes++
	case smaller, rest:
	}
}

// passing is for faults that are no member's.
func passing(kind backend.Kind) bool {
	return kind == backend.KindThrottled || kind == backend.KindUnavailable
}

// splitCounter numbers the splits, so that the members of one group find each other
// again and nothing else joins them.
type splitCounter struct{ atomic.Uint64 }

// splitRefused gives the members that were refused for a fault which may be another's the
// split keys for their next try: the ids that the cloud named each alone and the others
// together, else in halves. Other answers stand: a throttle or a lost answer is no
// member's fault, and a fault of an item is its own.
//
// By halves alone, a missing permission would be found when every id was called by
// itself, a thousand ids in 1700 calls. So when a batch and both its halves are denied,
// and no id is named, eight ids are probed alone, and the others of their half wait for
// them. When they are denied too, and nothing of the batch was answered otherwise, the
// denial stands for all members. That takes some fifteen calls, and cannot be wrong
// where less than nine ids are denied. One bad id never has both halves denied, and
// costs as much as halves cost. Other refusals, such as want of stock, concern one type
// of instance as likely as all: there each id is tried.
func (d *Dispatcher) splitRefused(k batchKey, ids []string, answers []answer) {
	shared := sharedRefusals(answers)
	if b := k.split.batch; b != nil {
		if len(ids) == 1 || len(shared) == len(ids) {
			b.note(k.split.role, answers[0])
		} else {
			for _, a := range answers {
				b.note(smaller, a)
			}
		}
	}
	if len(ids) < 2 || len(shared) == 0 {
		return
	}
	if _, ok := k.split.final(); ok {
		return
	}
	refused := make([]string, len(shared))
	for i, at := range shared {
		refused[i] = ids[at]
	}
	for i, s := range d.splitKeys(k.split, refused, answers[shared[0]].fault) {
		a := &answers[shared[i]]
		a.split = s
		if s.role == rest {
			a.pause = probePause
		}
	}
}

// sharedRefusals returns the places of the answers that may be another member's fault.
func sharedRefusals(answers []answer) (places []int) {
	for i, a := range answers {
		if a.fault != nil && a.fault.Shared && !passing(a.fault.Kind) {
			places = append(places, i)
		}
	}
	return places
}

// splitKeys returns the split keys of ids that were refused together.
func (d *Dispatcher) splitKeys(from Split, ids []string, fault *backend.Fault) []Split {
	d.log.Info("The cloud refused a batch; it is split",
		"instances", len(ids), "code", fault.Code, "named", len(fault.IDs))
	groups, halves := partition(ids, fault.IDs)
	batch, role := from.batch, smaller
	switch {
	case batch == nil:
		role = half
		batch = &refusedBatch{fault: fault, mixed: fault.Kind != backend.KindDenied || len(fault.IDs) > 0}
	case from.role == half && halves && len(ids) > probes && batch.startProbing():
		return d.probe(batch, ids)
	}
	return d.newKeys(batch, role, groups)
}

// newKeys makes split keys: one for each name.
func (d *Dispatcher) newKeys(batch *refusedBatch, role splitRole, groups []string) []Split {
	number := d.splits.Add(1)
	keys := make([]Split, len(groups))
	for i, name := range groups {
		keys[i] = Split{batch: batch, group: fmt.Sprintf("%d/%s", number, name), role: role}
	}
	return keys
}

// probe makes the split keys for probing some ids alone, spread evenly, and for the rest.
func (d *Dispatcher) probe(batch *refusedBatch, ids []string) []Split {
	keys := d.newKeys(batch, rest, repeat("rest", len(ids)))
	alone := d.newKeys(batch, probe, ids)
	for i := range probes {
		at := (i + 1) * len(ids) / (probes + 1)
		keys[at] = alone[at]
	}
	return keys
}

// partition names, for each id, the group that it belongs to: itself where it is to be
// called alone; halves is set when the groups are halves. Only named ids that are among
// ids count: a hint that singles out no id, or all, would have the same batch called
// again.
func partition(ids, named []string) (groups []string, halves bool) {
	blamed := 0
	for _, id := range ids {
		if slices.Contains(named, id) {
			blamed++
		}
	}
	apart := blamed > 0 && blamed < len(ids)
	halves = !apart && len(ids) > singles
	groups = make([]string, len(ids))
	for i, id := range ids {
		switch {
		case halves:
			groups[i] = fmt.Sprint(2 * i / len(ids))
		case apart && !slices.Contains(named, id):
			groups[i] = "rest"
		default:
			groups[i] = id
		}
	}
	return groups, halves
}
