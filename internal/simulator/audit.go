package simulator

import (
	"fmt"
	"slices"
)

// AuditOptions say which calls are meant to use force. An id of "*" stands for
// all.
type AuditOptions struct {
	// AllowForced lists the instances whose power may be cut, and
	// AllowFirstGraceful those for which the cloud may do so after it asked the
	// guest. The first includes the second.
	AllowForced        []string `json:"allow_forced,omitempty"`
	AllowFirstGraceful []string `json:"allow_first_graceful,omitempty"`
	// ExplicitForce demands that each stop and reboot says itself whether it
	// uses force, and does not leave it to the cloud's default.
	ExplicitForce bool `json:"explicit_force,omitempty"`
}

// Audit reads a log of calls in order and returns a sentence for each breach of
// two promises. No write is repeated for an instance after one whose answer
// was lost, unless a describe that covers the instance was answered in
// between. And no stop or reboot uses force, by its own word, by the cloud's
// default or because of an instance's type, except where the options allow it.
// Dry runs are no writes; a write that the cloud refused is not lost, but one
// that asked for force still asked.
func Audit(calls []Call, options AuditOptions) []string {
	var breaches []string
	breach := func(k Call, format string, args ...any) {
		breaches = append(breaches,
			fmt.Sprintf("call %d (%s %s): %s", k.Index, k.Cloud, k.Action, fmt.Sprintf(format, args...)))
	}
	type write struct {
		cloud, region, id string
		op                Op
	}
	lost := map[write]int{} // the index of the lost call
	for _, k := range calls {
		if k.DryRun {
			continue
		}
		switch k.Op {
		case OpDescribe:
			if !k.Delivered || k.Code != "" {
				continue
			}
			covered := k.InstanceIDs
			if len(covered) == 0 {
				covered = k.Shown
			}
			for _, id := range covered {
				for _, op := range []Op{OpStart, OpStop, OpReboot} {
					delete(lost, write{k.Cloud, k.Region, id, op})
				}
			}
		case OpStart, OpStop, OpReboot:
			for _, id := range k.InstanceIDs {
				w := write{k.Cloud, k.Region, id, k.Op}
				if first, ok := lost[w]; ok {
					breach(k, "repeats the write of call %d for %s, whose answer was lost, without a describe in between", first, id)
				}
				if k.Lost {
					lost[w] = k.Index
				}
				if force, how := k.forceOn(id); k.Op != OpStart && !options.allows(force, id) {
					breach(k, "is %s for %s, %s", force, id, how)
				}
			}
			if options.ExplicitForce && k.Op != OpStart && !k.ForceExplicit {
				breach(k, "leaves the use of force to the cloud's default")
			}
		case OpOther:
		}
	}
	return breaches
}

// forceOn is what the call does to one instance, and what makes it so.
func (k *Call) forceOn(id string) (force Force, how string) {
	switch {
	case k.Force != Forced && slices.Contains(k.ForcedByType, id):
		return Forced, "by the type of the instance"
	case k.ForceExplicit:
		return k.Force, "by its own word"
	default:
		return k.Force, "by the cloud's default"
	}
}

func (o AuditOptions) allows(force Force, id string) bool {
	in := func(ids []string) bool { return slices.Contains(ids, id) || slices.Contains(ids, "*") }
	switch force {
	case Forced:
		return in(o.AllowForced)
	case FirstGraceful:
		return in(o.AllowForced) || in(o.AllowFirstGraceful)
	case Graceful:
		return true
	default:
		return true
	}
}
