package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// opsOf are the operations at which troubles of a kind are asked for; a kind that is
// not here can meet every call.
func (c *Cloud) opsOf() map[Kind][]Op {
	reads, writes := []Op{OpDescribe}, []Op{OpStart, OpStop, OpReboot}
	all := map[Kind][]Op{EmptyList: reads, Hidden: reads}
	for kind, extra := range c.words.ExtraKinds {
		all[kind] = writes
		if !extra.WritesOnly {
			all[kind] = slices.Concat(reads, writes)
		}
	}
	for _, kind := range ofInstance {
		all[kind] = slices.Concat(reads, writes)
	}
	for _, kind := range []Kind{Stuck, Lag, Busy} {
		all[kind] = writes
	}
	for _, kind := range []Kind{SoftStopIgnored, ModeLag, IgnoreMode, RefuseMode} {
		all[kind] = []Op{OpStop}
	}
	all[NoStock] = []Op{OpStart}
	return all
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
	if asked := c.opsOf()[t.Kind]; len(asked) > 0 && len(ops) > 0 &&
		!slices.ContainsFunc(asked, func(op Op) bool { return slices.Contains(ops, op) }) {
		return fmt.Errorf("field action: %q never happens in %q", t.Kind, t.Action)
	}
	if len(t.InstanceIDs) > 0 && slices.Equal(ops, []Op{OpOther}) {
		return fmt.Errorf("field instance_ids: calls of %q name no instance", t.Action)
	}
	if t.Region != "" && (slices.Contains(c.words.Regionless, t.Action) || metadataAction(t.Action)) {
		return fmt.Errorf("field region: calls of %q name no region", t.Action)
	}
	return nil
}

func metadataAction(action string) bool {
	return slices.Contains([]string{MetadataService, MetadataToken, MetadataRole, MetadataKeys}, action)
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
	return nil, fmt.Errorf("field action: %s has no action %q, but %s, and the names describe, start, stop, reboot and "+
		"write", c.name, action, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
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

// parametersOf are the parameters that a trouble of a kind reads, by their names in
// JSON. ControlHelp lists them.
func parametersOf() map[Kind][]string {
	refusal := []string{"code", "status", "message"}
	lasting := append([]string{"delay"}, refusal...)
	return map[Kind][]string{
		Throttle: append([]string{"retry_after"}, lasting...), Error: append([]string{"retry_after"}, refusal...),
		ServerError: {"status", "message", "effect", "retry_after"}, GatewayPage: {"status", "message", "retry_after"},
		ResetBefore: {}, ResetAfter: {}, LostAnswer: {"delay"}, Slow: {"delay"},
		EmptyList: {"delay"}, Hidden: {"delay"}, UnknownFields: {"delay"},
		SoftStopIgnored: {"mode", "message"}, Stuck: {"after"}, Lag: {"delay"}, ModeLag: {"delay", "word"},
		IgnoreMode: {}, RefuseMode: refusal, NoStock: append([]string{"late"}, refusal...), Busy: lasting,
		Lock: append([]string{"word"}, lasting...), UnknownWord: append([]string{"word"}, lasting...),
		InArrears: lasting, Recycle: lasting, HostRepair: lasting, MakingImage: lasting, LiveMigration: lasting,
		Rescue: lasting, Vanish: {"delay", "after"},
	}
}

// checkParameters refuses a parameter that troubles of the kind do not read: whoever
// sets it expects something that does not happen.
func (c *Cloud) checkParameters(t Trouble) error {
	reads, shared := parametersOf()[t.Kind]
	extra, own := c.words.ExtraKinds[t.Kind]
	switch {
	case own:
		reads = extra.Parameters
	case !shared:
		return nil // AddTrouble knows why it is refused.
	case t.Kind == Vanish && t.Action != "":
		reads = nil // The call decides when.
	}
	reads = append([]string{"kind", "action", "region", "instance_ids", "skip", "count"}, reads...)
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	var set map[string]any
	if err := json.Unmarshal(text, &set); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if !slices.Contains(reads, name) {
			return fmt.Errorf("field %s: a trouble of kind %q does not read it", name, t.Kind)
		}
	}
	return nil
}
