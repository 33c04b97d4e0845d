package simulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Check reports the first of instances that cannot be meant: one with an id
// that every call refuses as malformed, with a status that the cloud does not have,
// or with the id of another. Seed files and the control interface are checked; a
// test that seeds by itself may do as it likes. The trouble UnknownWord shows a word
// that the cloud does not have.
func (c *Cloud) Check(instances ...Instance) error {
	seen := map[string]int{}
	for n, i := range instances {
		at := fmt.Sprintf("instance %d (%q)", n+1, i.ID)
		if err := c.checkInstance(i); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		if first, twice := seen[i.ID]; twice {
			return fmt.Errorf("%s: field id: instance %d has the same", at, first)
		}
		seen[i.ID] = n + 1
	}
	return nil
}

func (c *Cloud) checkInstance(i Instance) error {
	if err := c.checkID(i.ID); err != nil {
		return fmt.Errorf("field id: %w", err)
	}
	if words := c.words.Statuses; i.Status != "" && len(words) > 0 && !slices.Contains(words, i.Status) {
		return fmt.Errorf("field status: %s has no status %q, but %s", c.name, i.Status, strings.Join(words, ", "))
	}
	return c.checkRegion(i)
}

// checkRegion checks that the cloud has the region of an instance.
func (c *Cloud) checkRegion(i Instance) error {
	switch {
	case i.Region == "" || c.KnowsRegion(i.Region):
		return nil
	case len(c.regions) == 0:
		return fmt.Errorf("field region: %s has no regions", c.name)
	default:
		return fmt.Errorf("field region: %s has no region %q", c.name, i.Region)
	}
}

func (c *Cloud) checkID(id string) error {
	switch form := c.words.IDForm; {
	case id == "":
		return errors.New("an instance needs an id")
	case form != nil && !form.MatchString(id):
		return fmt.Errorf("%s calls %q malformed: its ids have the form %s", c.name, id, form)
	}
	return nil
}

// opsOf are the operations at which troubles of a kind are asked for; a kind that is
// not here can meet every call.
func opsOf() map[Kind][]Op {
	reads, writes := []Op{OpDescribe}, []Op{OpStart, OpStop, OpReboot}
	return map[Kind][]Op{
		EmptyList: reads, Hidden: reads,
		SoftStopIgnored: {OpStop}, ModeLag: {OpStop}, IgnoreMode: {OpStop}, RefuseMode: {OpStop},
		NoStock: {OpStart}, Stuck: writes, Lag: writes, Busy: writes,
	}
}

// checkMatch reports why a trouble can never match a call.
func (c *Cloud) checkMatch(t Trouble) error {
	if err := c.checkRegion(Instance{Region: t.Region}); err != nil {
		return err
	}
	for _, id := range t.InstanceIDs {
		if err := c.checkID(id); err != nil {
			return fmt.Errorf("field instance_ids: %w", err)
		}
	}
	modes := []Kind{ModeLag, IgnoreMode, RefuseMode}
	if slices.Contains(modes, t.Kind) && c.words.StopCharging == "" {
		return fmt.Errorf("field kind: %s has no stopped modes, so that %q never happens", c.name, t.Kind)
	}
	ops, err := c.opsOfAction(t.Action)
	if err != nil {
		return err
	}
	if asked := opsOf()[t.Kind]; len(asked) > 0 && len(ops) > 0 &&
		!slices.ContainsFunc(asked, func(op Op) bool { return slices.Contains(ops, op) }) {
		return fmt.Errorf("field action: %q never happens in %q", t.Kind, t.Action)
	}
	return nil
}

// opsOfAction returns the operations that an action of a trouble stands for; none for
// one that can be any.
func (c *Cloud) opsOfAction(action string) ([]Op, error) {
	known := c.words.Actions
	switch op := Op(action); {
	case action == "" || len(known) == 0:
		return nil, nil
	case action == "write":
		return []Op{OpStart, OpStop, OpReboot}, nil
	case op == OpDescribe || op.Write():
		return []Op{op}, nil
	}
	if op, ok := known[action]; ok {
		if op == "" {
			return nil, nil
		}
		return []Op{op}, nil
	}
	return nil, fmt.Errorf("field action: %s has no action %q, but %s, and the names describe, start, stop, reboot and write",
		c.name, action, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
}

// WithTokens returns the actions of a cloud together with those of its token service,
// and the names by which a trouble meets that and the metadata service.
func WithTokens(actions map[string]Op, tokens ...string) map[string]Op {
	all := maps.Clone(actions)
	for _, name := range slices.Concat(tokens, []string{
		TokenService, MetadataService, MetadataToken, MetadataRole, MetadataKeys,
	}) {
		all[name] = OpOther
	}
	return all
}
